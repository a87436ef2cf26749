package dev.wherry.master.reconcile;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often a status that keeps changing is written: each write is an fsync on a flash card. The
 * first is written at once and those within {@code interval} after a write wait for its end, which
 * makes one of many. The last {@value #MAX_KEYS} keys are known; a forgotten one is written at
 * once. Thread-safe.
 */
public final class StatusPace<K> {
  private static final int MAX_KEYS = 1024;

  private final Timer timer;
  private final long intervalNanos;
  private final Map<K, Long> written =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, Long> eldest) {
          return size() > MAX_KEYS;
        }
      };

  public StatusPace(Timer timer, Duration interval) {
    this.timer = timer;
    this.intervalNanos = interval.toNanos();
  }

  /** For how long a write should wait yet; zero: go on. */
  public synchronized Duration left(K key) {
    Long last = written.get(key);
    long nanos = last == null ? 0 : intervalNanos - (timer.nanos() - last);
    return nanos > 0 ? Duration.ofNanos(nanos) : Duration.ZERO;
  }

  /** A write took place. */
  public synchronized void wrote(K key) {
    written.remove(key);
    written.put(key, timer.nanos());
  }
}
