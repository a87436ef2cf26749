package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** One entry of a container's {@code envFrom}: a whole config map or secret. */
public record EnvFrom(Obj tree) {
  public String prefix() {
    return tree.string("prefix");
  }

  public boolean isSecret() {
    return tree.has("secretRef");
  }

  /** The config map's or the secret's. */
  public String name() {
    return ref().string("name");
  }

  public boolean optional() {
    return ref().flag("optional");
  }

  private Obj ref() {
    return tree.obj(isSecret() ? "secretRef" : "configMapRef");
  }
}
