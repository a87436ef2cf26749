package dev.wherry.master.bootstrap;

import dev.wherry.master.http.HealthCheck;
import dev.wherry.master.store.FencedException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers that the store takes no more writes, for the health endpoints, and tells who owns the
 * process. Thread-safe.
 */
final class StoreHealth implements Consumer<FencedException> {
  private final Consumer<FencedException> next;
  private final AtomicReference<@Nullable FencedException> fenced = new AtomicReference<>();

  /**
   * @param next told after it is remembered
   */
  StoreHealth(Consumer<FencedException> next) {
    this.next = next;
  }

  @Override
  public void accept(FencedException why) {
    fenced.compareAndSet(null, why);
    next.accept(why);
  }

  /** A restart may help, so every endpoint asks it. */
  HealthCheck check() {
    return new HealthCheck(
        "store",
        HealthCheck.Scope.LIVE,
        () -> Optional.ofNullable(fenced.get()).map(why -> String.valueOf(why.getMessage())));
  }
}
