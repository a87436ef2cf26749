package dev.wherry.master.registry;

import java.util.function.Supplier;

/**
 * Tells whoever serves the request of the current thread that an update or an apply has created its
 * object; the HTTP layer answers 201 then. Where nobody listens it is dropped.
 */
public final class Creations {
  private static final ScopedValue<Runnable> LISTENER = ScopedValue.newInstance();

  private Creations() {}

  /** Runs the request, on this thread, with the listener told when it creates. */
  public static <T> T toldTo(Runnable listener, Supplier<T> request) {
    return ScopedValue.where(LISTENER, listener).call(request::get);
  }

  static void tell() {
    if (LISTENER.isBound()) {
      LISTENER.get().run();
    }
  }
}
