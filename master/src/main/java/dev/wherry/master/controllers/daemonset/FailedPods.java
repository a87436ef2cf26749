package dev.wherry.master.controllers.daemonset;

import dev.wherry.master.reconcile.Backoff;
import dev.wherry.master.reconcile.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * For how long a failed pod stays before it is replaced: longer each time on the same node, so that
 * a pod that fails at once is not made a thousand times an hour. The last {@value #MAX_PLACES}
 * places are known; a forgotten one begins anew. Thread-safe.
 */
final class FailedPods {
  private static final int MAX_PLACES = 4096;

  private record Failure(String uid, int count, long dueNanos) {}

  private final Timer timer;
  private final Backoff backoff;
  private final Map<String, Failure> failures =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failure> eldest) {
          return size() > MAX_PLACES;
        }
      };

  FailedPods(Timer timer, Backoff backoff) {
    this.timer = timer;
    this.backoff = backoff;
  }

  /** For how long this pod stays yet; empty: it goes now. */
  synchronized Optional<Duration> wait(String place, String uid) {
    Failure before = failures.get(place);
    if (before == null) {
      failures.put(place, new Failure(uid, 1, timer.nanos()));
      return Optional.empty();
    }
    Failure failure = before;
    if (!before.uid.equals(uid)) {
      long longest = backoff.longest().multipliedBy(2).toNanos();
      int count = timer.nanos() - before.dueNanos > longest ? 1 : before.count + 1;
      long delay = count == 1 ? 0 : backoff.after(count - 1).toNanos();
      failure = new Failure(uid, count, timer.nanos() + delay);
      failures.remove(place);
      failures.put(place, failure);
    }
    long left = failure.dueNanos - timer.nanos();
    return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
  }
}
