package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.StatusPace;
import dev.wherry.master.reconcile.Timer;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes the statuses of the objects of one informer, no oftener than every {@link #INTERVAL}
 * unless somebody waits for it. Thread-safe.
 */
public final class StatusWriter {
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private final ObjectAccess access;
  private final Informer informer;
  private final StatusPace<ObjectKey> pace;

  public StatusWriter(ObjectAccess access, Informer informer, Timer timer) {
    this.access = access;
    this.informer = informer;
    this.pace = new StatusPace<>(timer, INTERVAL);
  }

  /**
   * Writes the status if it differs and it is time, or is the first of a new generation.
   *
   * @return when to come again because it was not time
   */
  public Optional<Duration> report(Obj object, Obj status) {
    Duration left = pace.left(ObjectKey.of(object));
    boolean unseen =
        object.obj("status").number("observedGeneration", 0) != Meta.of(object).generation();
    if (!unseen && left.isPositive() && !status.equals(object.obj("status"))) {
      return Optional.of(left);
    }
    reportAtOnce(object, status);
    return Optional.empty();
  }

  /** Writes the status if it differs: somebody waits for it. */
  public void reportAtOnce(Obj object, Obj status) {
    if (!status.equals(object.obj("status"))) {
      write(object, status);
    }
  }

  /** Writes the status now. An object that is gone is left alone. */
  public void write(Obj object, Obj status) {
    Obj unconditional = object.change("metadata", metadata -> metadata.without("resourceVersion"));
    try {
      pace.wrote(ObjectKey.of(object));
      informer.wrote(
          access.updateStatus(informer.resource(), unconditional.with("status", status)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  /** The outcome of a reconciliation that is to come again after the sooner of two times. */
  public static Reconciler.Outcome sooner(Optional<Duration> one, Optional<Duration> other) {
    return least(one, other).map(Reconciler.Outcome::after).orElse(Reconciler.Outcome.DONE);
  }

  /** The lesser of two times, where there is one. */
  public static Optional<Duration> least(Optional<Duration> one, Optional<Duration> other) {
    return one.isPresent() && other.isPresent()
        ? one.filter(each -> each.compareTo(other.get()) <= 0).or(() -> other)
        : one.or(() -> other);
  }
}
