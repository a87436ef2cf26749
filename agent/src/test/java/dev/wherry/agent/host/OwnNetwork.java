package dev.wherry.agent.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs all of a test class on one thread with a network namespace of its own, which the kernel
 * takes away with the thread. Programs that the thread starts are in that namespace as well.
 */
public final class OwnNetwork
    implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(OwnNetwork.class);

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("own-network").factory());
    context.getStore(STORE).put("thread", thread);
    thread
        .submit(
            () -> {
              unshareNetwork();
              return null;
            })
        .get();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    thread(context).close();
  }

  /** Moves the calling platform thread to a new network namespace, with loopback up. */
  public static void unshareNetwork() throws Exception {
    if (call("unshare", JAVA_INT, CLONE_NEWNET) != 0) {
      throw new IllegalStateException("unshare(CLONE_NEWNET) needs root");
    }
    Command.of("ip", "link", "set", "lo", "up").run();
  }

  /** Moves the calling platform thread, which should be nobody else's, to this one. */
  public static void enterNetwork(Path namespace) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(namespace.toString());
      int descriptor = call("open", ADDRESS, path, 0);
      if (descriptor < 0 || call("setns", JAVA_INT, descriptor, CLONE_NEWNET) != 0) {
        throw new IllegalStateException("cannot enter " + namespace);
      }
      int _ = call("close", JAVA_INT, descriptor);
    }
  }

  /** A C function of one argument, or of one and an int. */
  private static int call(String name, ValueLayout first, Object... arguments) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor descriptor =
        arguments.length == 1
            ? FunctionDescriptor.of(JAVA_INT, first)
            : FunctionDescriptor.of(JAVA_INT, first, JAVA_INT);
    try {
      return (int)
          linker
              .downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor)
              .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void interceptBeforeAllMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  @Override
  public void interceptAfterAllMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    onThread(invocation, context);
  }

  private static void onThread(Invocation<Void> invocation, ExtensionContext context)
      throws Throwable {
    try {
      thread(context)
          .submit(
              () -> {
                try {
                  return invocation.proceed();
                } catch (Exception | Error e) {
                  throw e;
                } catch (Throwable e) {
                  throw new IllegalStateException(e);
                }
              })
          .get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private static ExecutorService thread(ExtensionContext context) {
    return context.getStore(STORE).get("thread", ExecutorService.class);
  }
}
