package dev.wherry.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Makes sockets in other network namespaces (setns(2)). A socket stays in the namespace in which it
 * was made, whoever uses it later. Thread-safe.
 */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_CLOEXEC = 02000000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERROR =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(2));

  private static final MethodHandle SETNS =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("setns"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT),
          ERRNO);

  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private NetworkNamespace() {}

  /** What is done in the namespace. */
  public interface Action<T> {
    T run() throws IOException;
  }

  /**
   * Runs this in the namespace, on a thread of its own that ends with it: a thread that came back
   * might not find its own any more.
   *
   * @param namespace such as {@code /proc/PID/ns/net}
   * @throws IOException of the action; also where the namespace cannot be entered
   */
  public static <T> T call(Path namespace, Action<T> action) throws IOException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              enter(namespace);
              return action.run();
            });
    Thread.ofPlatform().daemon().name("network-namespace").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException known) {
        throw known;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in a network namespace", e);
    }
  }

  private static void enter(Path namespace) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      int descriptor =
          (int) OPEN.invokeExact(state, arena.allocateFrom(namespace.toString()), O_CLOEXEC, 0);
      check(descriptor, "open " + namespace, state);
      int entered = (int) SETNS.invokeExact(state, descriptor, CLONE_NEWNET);
      int error = (int) ERROR.get(state, 0L);
      int _ = (int) CLOSE.invokeExact(descriptor);
      if (entered < 0) {
        throw new IOException("setns " + namespace + ": error " + error);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(int answer, String what, MemorySegment state) throws IOException {
    if (answer < 0) {
      throw new IOException(what + ": error " + (int) ERROR.get(state, 0L));
    }
  }
}
