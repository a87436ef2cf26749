package dev.wherry.agent.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
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
    Linker linker = Linker.nativeLinker();
    MethodHandle unshare =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("unshare"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    int answer;
    try (Arena _ = Arena.ofConfined()) {
      answer = (int) unshare.invokeExact(CLONE_NEWNET);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (answer != 0) {
      throw new IllegalStateException("unshare(CLONE_NEWNET) needs root");
    }
    Command.of("ip", "link", "set", "lo", "up").run();
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
