package dev.wherry.master.reconcile;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keys that wait for work, in the order in which they came. A key waits once at the most, however
 * often it is added, and one that is added while it is worked on waits again once that is {@link
 * #done}. So the queue holds no more than there are objects; {@value #CAPACITY} keys is the end,
 * and one more is refused with an IllegalStateException. Thread-safe; never blocks.
 */
public final class WorkQueue<K> {
  static final int CAPACITY = 1 << 20;

  private final Timer timer;
  private final Backoff backoff;
  private final Runnable onReady;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<K> ready = new ArrayDeque<>();
  private final Set<K> waiting = new HashSet<>();
  private final Set<K> working = new HashSet<>();
  private final Map<K, Long> dueNanos = new HashMap<>();
  private final Map<K, Integer> failures = new HashMap<>();

  /** {@code onReady} is called, outside the lock, whenever there is something to {@link #poll}. */
  public WorkQueue(Timer timer, Backoff backoff, Runnable onReady) {
    this.timer = timer;
    this.backoff = backoff;
    this.onReady = onReady;
  }

  public void add(K key) {
    if (admitted(key)) {
      onReady.run();
    }
  }

  private boolean admitted(K key) {
    lock.lock();
    try {
      dueNanos.remove(key);
      if (!waiting.add(key)) {
        return false;
      }
      if (waiting.size() > CAPACITY) {
        waiting.remove(key);
        throw new IllegalStateException("more than " + CAPACITY + " keys wait");
      }
      if (working.contains(key)) {
        return false;
      }
      ready.addLast(key);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Adds the key once the delay is over, or earlier if it was to be added earlier. */
  public void addAfter(K key, Duration delay) {
    if (!delay.isPositive()) {
      add(key);
      return;
    }
    long due = timer.nanos() + delay.toNanos();
    lock.lock();
    try {
      Long before = dueNanos.get(key);
      if (before != null && before - due <= 0) {
        return;
      }
      dueNanos.put(key, due);
    } finally {
      lock.unlock();
    }
    timer.after(delay, () -> becomeDue(key, due));
  }

  private void becomeDue(K key, long due) {
    lock.lock();
    try {
      Long current = dueNanos.get(key);
      if (current == null || current != due) {
        return; // it was added meanwhile, or is due at another time
      }
    } finally {
      lock.unlock();
    }
    add(key);
  }

  /**
   * Adds the key after a time that grows with each failure since it was {@link #forget forgotten}.
   */
  public void addBackedOff(K key) {
    int count;
    lock.lock();
    try {
      count = failures.merge(key, 1, Integer::sum);
    } finally {
      lock.unlock();
    }
    addAfter(key, backoff.after(count));
  }

  /** The key's work succeeded: the next failure is its first. */
  public void forget(K key) {
    lock.lock();
    try {
      failures.remove(key);
    } finally {
      lock.unlock();
    }
  }

  /** The next key, which counts as worked on until {@link #done}. */
  public Optional<K> poll() {
    lock.lock();
    try {
      K key = ready.pollFirst();
      if (key == null) {
        return Optional.empty();
      }
      waiting.remove(key);
      working.add(key);
      return Optional.of(key);
    } finally {
      lock.unlock();
    }
  }

  /** The work on this key is over. */
  public void done(K key) {
    boolean again;
    lock.lock();
    try {
      working.remove(key);
      again = waiting.contains(key);
      if (again) {
        ready.addLast(key);
      }
    } finally {
      lock.unlock();
    }
    if (again) {
      onReady.run();
    }
  }

  /** How many keys wait, those with a delay not counted. */
  public int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
