package dev.wherry.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The process's standard output and error on the level of file descriptors, which Java cannot point
 * elsewhere: what the virtual machine itself writes goes the same way as what we print. Uses
 * open(2) and dup2(2).
 */
final class StandardStreams {
  private static final int O_WRONLY_CREAT_APPEND = 1 | 0100 | 02000;
  private static final Linker LINKER = Linker.nativeLinker();

  private StandardStreams() {}

  /** Points descriptors 1 and 2 at the file and so lets go of the pipe or terminal behind them. */
  static void redirectTo(Path file) {
    MethodHandle open =
        function(
            "open",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    MethodHandle dup2 =
        function(
            "dup2",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int descriptor = (int) open.invokeExact(name, O_WRONLY_CREAT_APPEND, 0640);
      if (descriptor < 0
          || (int) dup2.invokeExact(descriptor, 1) < 0
          || (int) dup2.invokeExact(descriptor, 2) < 0) {
        throw new IllegalStateException("cannot point standard output at " + file);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot point standard output at " + file, e);
    }
  }

  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
  }
}
