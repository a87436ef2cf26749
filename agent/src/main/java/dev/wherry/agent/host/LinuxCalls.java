package dev.wherry.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * Calls of the kernel that neither Java nor a program of every machine makes. Those by number have
 * the same one on all machines (asm-generic, from 424 on). What failed answers with the error's
 * number, negated, as the kernel itself does. Thread-safe.
 */
final class LinuxCalls {
  static final int AT_FDCWD = -100;
  static final int O_CLOEXEC = 02000000;
  static final int O_NOFOLLOW = notFollowing();

  static final int ENOENT = 2;
  static final int EINVAL = 22;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERROR =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** {@code syscall(2)} with five arguments of a register each. */
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          ERRNO,
          Linker.Option.firstVariadicArg(1));

  private static final MethodHandle IOCTL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          ERRNO,
          Linker.Option.firstVariadicArg(2));

  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));

  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private LinuxCalls() {}

  /** Not the same number everywhere (asm/fcntl.h). */
  private static int notFollowing() {
    String machine = System.getProperty("os.arch");
    return machine.startsWith("aarch") || machine.startsWith("arm") ? 0100000 : 0400000;
  }

  /** Its answer, or an error's number, negated. Pointers are addresses of an open arena's. */
  static long call(long number, long first, long second, long third, long fourth, long fifth) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      long answer = (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, fifth);
      return answer < 0 ? -(int) ERROR.get(state, 0L) : answer;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its answer, or an error's number, negated. */
  static int ioctl(int descriptor, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      int answer = (int) IOCTL.invokeExact(state, descriptor, request, argument);
      return answer < 0 ? -(int) ERROR.get(state, 0L) : answer;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Opens a file for reading; to be closed.
   *
   * @param flags beside {@link #O_CLOEXEC}
   */
  static int open(Path file, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      MemorySegment path = arena.allocateFrom(file.toString());
      int answer = (int) OPEN.invokeExact(state, path, O_CLOEXEC | flags, 0);
      if (answer < 0) {
        throw failed("open " + file, (int) ERROR.get(state, 0L));
      }
      return answer;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static void close(int descriptor) {
    try {
      int _ = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What came of it, where that is no error.
   *
   * @throws IOException with {@code what} and the error's number
   */
  static long checked(String what, long answer) throws IOException {
    if (answer < 0) {
      throw failed(what, (int) -answer);
    }
    return answer;
  }

  private static IOException failed(String what, int error) {
    return new IOException(what + ": " + (error == EINVAL ? "invalid argument" : "error " + error));
  }
}
