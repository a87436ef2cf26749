package dev.wherry.master.registry;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Warnings to the client of the request that the current thread serves; the HTTP layer sends each
 * as a {@code Warning} header. Where nobody listens they are dropped.
 */
public final class Warnings {
  private static final ScopedValue<Consumer<String>> SINK = ScopedValue.newInstance();

  private Warnings() {}

  /** Runs the request with the listener told of its warnings, on this thread. */
  public static <T> T heardBy(Consumer<String> listener, Supplier<T> request) {
    return ScopedValue.where(SINK, listener).call(request::get);
  }

  public static void warn(String text) {
    if (SINK.isBound()) {
      SINK.get().accept(text);
    }
  }
}
