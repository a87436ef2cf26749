package dev.wherry.agent.usage;

import java.util.OptionalLong;

/** The memory that the control group of a process cannot do without. Thread-safe. */
public final class MemoryUse {
  private MemoryUse() {}

  /** Its working set in bytes; empty when the process or its group is gone. */
  public static OptionalLong ofProcess(long pid) {
    return CgroupReading.ofProcess(pid)
        .map(each -> OptionalLong.of(each.workingSetBytes()))
        .orElse(OptionalLong.empty());
  }
}
