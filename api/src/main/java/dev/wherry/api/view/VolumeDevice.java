package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** One entry of a container's {@code volumeDevices}: a volume that is a block device. */
public record VolumeDevice(Obj tree) {
  /** The volume's. */
  public String name() {
    return tree.string("name");
  }

  /** Where it is in the container. */
  public String devicePath() {
    return tree.string("devicePath");
  }
}
