package dev.wherry.agent.volume;

import java.nio.file.Path;

/**
 * Where a volume lies on the node.
 *
 * @param readOnly for all containers, whatever their mounts say
 */
public record Located(Path path, boolean readOnly, Form form) {
  /** What a volume is to a container. */
  public enum Form {
    /** A directory or file, to be mounted. */
    FILES,
    /** The same, and no program in it can be run. */
    DATA,
    /** A block device, which is not mounted. */
    DEVICE
  }

  public Located(Path path, boolean readOnly) {
    this(path, readOnly, Form.FILES);
  }

  /** The same by another name. */
  public Located at(Path other) {
    return new Located(other, readOnly, form);
  }
}
