package dev.wherry.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The memory that a start needs and a settled process does not: garbage of the start, and freed
 * blocks that the C library keeps (malloc_trim(3)). Given back to the kernel they serve the pods;
 * some 8 MB of an idle node's.
 */
final class StartUpMemory {
  private StartUpMemory() {}

  /** Gives it back. To be called once, when the process has settled: it takes some 30 ms. */
  static void giveBack() {
    System.gc();
    Linker linker = Linker.nativeLinker();
    // Only glibc has it; others return memory by themselves.
    Optional<MemorySegment> function = linker.defaultLookup().find("malloc_trim");
    if (function.isEmpty()) {
      return;
    }
    MethodHandle trim =
        linker.downcallHandle(
            function.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    try {
      int _ = (int) trim.invokeExact(0L);
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim", e);
    }
  }
}
