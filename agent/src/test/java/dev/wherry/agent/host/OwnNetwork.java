package dev.wherry.agent.host;

import dev.wherry.agent.linux.Linux;
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
    Linux.unshare(Linux.CLONE_NEWNET);
    Command.of("ip", "link", "set", "lo", "up").run();
  }

  /** Moves the calling platform thread, which should be nobody else's, to this one. */
  public static void enterNetwork(Path namespace) throws Exception {
    Linux.enter(namespace, Linux.CLONE_NEWNET);
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
