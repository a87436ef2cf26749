package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** One entry of a container's {@code volumeMounts}. */
public record VolumeMount(Obj tree) {
  /** The volume's. */
  public String name() {
    return tree.string("name");
  }

  public String mountPath() {
    return tree.string("mountPath");
  }

  /** Empty: the volume's root. */
  public String subPath() {
    return tree.string("subPath");
  }

  public String subPathExpr() {
    return tree.string("subPathExpr");
  }

  public boolean readOnly() {
    return tree.flag("readOnly");
  }

  /** {@code Disabled}, {@code IfPossible} or {@code Enabled}. */
  public String recursiveReadOnly() {
    return tree.string("recursiveReadOnly", "Disabled");
  }

  /** Whether mounts below it are to be read-only, too. */
  public boolean isRecursivelyReadOnly() {
    return readOnly() && !recursiveReadOnly().equals("Disabled");
  }

  /** {@code None}, {@code HostToContainer} or {@code Bidirectional}. */
  public String mountPropagation() {
    return tree.string("mountPropagation", "None");
  }
}
