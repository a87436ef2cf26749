package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.OptionalLong;

/** One entry of a pod's {@code spec.tolerations}. */
public record Toleration(Obj tree) {

  public String key() {
    return tree.string("key");
  }

  public String effect() {
    return tree.string("effect");
  }

  /** For how long a NoExecute taint is borne; empty: for ever. */
  public OptionalLong tolerationSeconds() {
    return Fields.number(tree, "tolerationSeconds");
  }

  /** An empty key, effect or operator has Kubernetes' meaning: any, any, Equal. */
  public boolean tolerates(Taint taint) {
    if (!effect().isEmpty() && !effect().equals(taint.effect())) {
      return false;
    }
    if (!key().isEmpty() && !key().equals(taint.key())) {
      return false;
    }
    return switch (tree.string("operator")) {
      case "Exists" -> true;
      case "", "Equal" -> !key().isEmpty() && tree.string("value").equals(taint.value());
      default -> false;
    };
  }
}
