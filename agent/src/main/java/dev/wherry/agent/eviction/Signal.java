package dev.wherry.agent.eviction;

import java.util.Optional;

/** Something that a node may run short of (Kubernetes: eviction signals). */
public enum Signal {
  MEMORY_AVAILABLE("memory.available", "MemoryPressure", "memory"),
  NODEFS_AVAILABLE("nodefs.available", "DiskPressure", "ephemeral-storage"),
  NODEFS_INODES_FREE("nodefs.inodesFree", "DiskPressure", "inodes"),
  IMAGEFS_AVAILABLE("imagefs.available", "DiskPressure", "ephemeral-storage"),
  IMAGEFS_INODES_FREE("imagefs.inodesFree", "DiskPressure", "inodes"),
  PID_AVAILABLE("pid.available", "PIDPressure", "pids");

  private final String word;
  private final String condition;
  private final String resource;

  Signal(String word, String condition, String resource) {
    this.word = word;
    this.condition = condition;
    this.resource = resource;
  }

  /** As thresholds are written. */
  public String word() {
    return word;
  }

  /** The node's condition while it runs short. */
  public String condition() {
    return condition;
  }

  /** As messages to users name it. */
  public String resource() {
    return resource;
  }

  static Optional<Signal> of(String word) {
    for (Signal each : values()) {
      if (each.word.equals(word)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
