package dev.wherry.agent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * System calls by number through {@code syscall(2)}: one handle for all, since each costs memory.
 * They act on the calling thread and block it. Stateless.
 */
final class Kernel {
  private static final String ARCHITECTURE = System.getProperty("os.arch");
  private static final int MOST_ARGUMENTS = 6;

  /** Made once, where the JDK lets native functions be called at all. */
  private static final class Handles {
    static final MethodHandle SYSCALL =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    static final VarHandle ERRNO =
        Linker.Option.captureStateLayout()
            .varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Handles() {}
  }

  private Kernel() {}

  /**
   * @param what is done, for the words of a failure
   * @param arguments numbers, and addresses in the arena; six at most
   */
  static long call(Arena arena, String what, SystemCall call, long... arguments)
      throws IOException {
    long answer = answer(state(arena), call, arguments);
    if (answer < 0) {
      throw new LinuxException(what, (int) -answer);
    }
    return answer;
  }

  /** Where a thread's calls leave their errors; one does for all of them. */
  static MemorySegment state(Arena arena) {
    return arena.allocate(Linker.Option.captureStateLayout());
  }

  /**
   * What the kernel says: 0 or more, or an error's number made negative.
   *
   * @param state of {@link #state}
   */
  static long answer(MemorySegment state, SystemCall call, long... arguments) {
    long[] a = Arrays.copyOf(arguments, MOST_ARGUMENTS);
    long number = call.number(ARCHITECTURE);
    while (true) {
      long answer;
      try {
        answer =
            (long) Handles.SYSCALL.invokeExact(state, number, a[0], a[1], a[2], a[3], a[4], a[5]);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("syscall(2) threw", e);
      }
      if (answer >= 0) {
        return answer;
      }
      int errno = (int) Handles.ERRNO.get(state, 0L);
      if (errno != Errno.EINTR || call == SystemCall.CLOSE) {
        return -errno;
      }
    }
  }
}
