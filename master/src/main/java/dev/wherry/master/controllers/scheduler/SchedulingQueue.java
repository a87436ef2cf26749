package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.reconcile.Backoff;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.scheduling.Filter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pods that want a node: those of higher priority first, then those that came first.
 *
 * <pre>
 * state      what moves it on
 * READY      poll -> TAKEN
 * TAKEN      refused -> PARKED (BACKOFF if a wake came meanwhile); failed -> BACKOFF; remove
 * BACKOFF    its time is over -> READY
 * PARKED     a wake that concerns it, LONGEST_PARKED, its pod changed -> READY or BACKOFF
 * </pre>
 *
 * As many entries as there are pods without a node. Thread-safe; never blocks.
 */
final class SchedulingQueue {
  /** A refused pod is looked at again after this, whatever was or was not heard (Kubernetes). */
  static final Duration LONGEST_PARKED = Duration.ofMinutes(5);

  private enum State {
    READY,
    TAKEN,
    BACKOFF,
    PARKED
  }

  private static final class Entry {
    final ObjectKey key;
    final long number;
    long priority;
    State state = State.READY;
    boolean changed;
    boolean watched;
    int attempts;
    long lastNanos;
    long dueNanos;
    Set<Filter> rejectedBy = EnumSet.noneOf(Filter.class);

    /** How many wakes there had been when it was taken. */
    long takenAfter;

    Entry(ObjectKey key, long number, long priority) {
      this.key = key;
      this.number = number;
      this.priority = priority;
    }
  }

  private static final Comparator<Entry> ORDER =
      Comparator.<Entry>comparingLong(each -> each.priority)
          .reversed()
          .thenComparingLong(each -> each.number);

  private final Timer timer;
  private final Runnable onReady;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ObjectKey, Entry> entries = new HashMap<>();
  private final PriorityQueue<Entry> ready = new PriorityQueue<>(ORDER);

  /** Those in state PARKED: few, also where thousands are on their way to a node. */
  private final Set<Entry> parked = new LinkedHashSet<>();

  private final Map<Filter, Long> lastWake = new EnumMap<>(Filter.class);
  private long wakes;
  private long numbers;

  /** {@code onReady} is called, outside the lock, whenever there is something to {@link #poll}. */
  SchedulingQueue(Timer timer, Runnable onReady) {
    this.timer = timer;
    this.onReady = onReady;
  }

  /** The pod is new, or changed so that it is to be asked anew at once. */
  void offer(ObjectKey key, long priority) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null) {
        entry = new Entry(key, numbers++, priority);
        entries.put(key, entry);
        ready.add(entry);
      } else if (entry.state == State.TAKEN) {
        entry.changed = true;
      } else {
        ready.remove(entry);
        parked.remove(entry);
        entry.priority = priority;
        entry.state = State.READY;
        ready.add(entry);
      }
    } finally {
      lock.unlock();
    }
    onReady.run();
  }

  /** The pod has a node, is gone, or is none of ours any more. */
  void remove(ObjectKey key) {
    lock.lock();
    try {
      Entry entry = entries.remove(key);
      if (entry != null) {
        parked.remove(entry);
        if (entry.state == State.READY) {
          ready.remove(entry);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  Optional<ObjectKey> poll() {
    lock.lock();
    try {
      Entry entry = ready.poll();
      if (entry == null) {
        return Optional.empty();
      }
      entry.state = State.TAKEN;
      entry.changed = false;
      entry.takenAfter = wakes;
      return Optional.of(entry.key);
    } finally {
      lock.unlock();
    }
  }

  /** No node took the pod: it waits for a change that one of these filters looks at. */
  void refused(ObjectKey key, Set<Filter> rejectedBy) {
    settle(key, rejectedBy);
  }

  /** Something else went wrong: it is tried again after a while. */
  void failed(ObjectKey key) {
    settle(key, Wake.ALL);
    wake(key);
  }

  private void settle(ObjectKey key, Set<Filter> rejectedBy) {
    boolean again;
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null) {
        return;
      }
      entry.attempts++;
      entry.lastNanos = timer.nanos();
      entry.rejectedBy = rejectedBy;
      entry.state = State.PARKED;
      parked.add(entry);
      again =
          entry.changed
              || rejectedBy.stream()
                  .anyMatch(each -> lastWake.getOrDefault(each, 0L) > entry.takenAfter);
    } finally {
      lock.unlock();
    }
    if (again) {
      wake(key);
    } else {
      watch(key);
    }
  }

  /** Sees to it that the pod is not forgotten; one call of the timer for each that waits. */
  private void watch(ObjectKey key) {
    Duration left;
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null || entry.watched) {
        return;
      }
      left = LONGEST_PARKED.minusNanos(timer.nanos() - entry.lastNanos);
      entry.watched = true;
    } finally {
      lock.unlock();
    }
    timer.after(left, () -> lookAgain(key));
  }

  private void lookAgain(ObjectKey key) {
    boolean over;
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null) {
        return;
      }
      entry.watched = false;
      over = timer.nanos() - entry.lastNanos >= LONGEST_PARKED.toNanos();
    } finally {
      lock.unlock();
    }
    if (over) {
      wake(key);
    } else {
      watch(key);
    }
  }

  /** Something changed that these filters look at. */
  void wake(Set<Filter> filters) {
    if (filters.isEmpty()) {
      return;
    }
    List<ObjectKey> concerned = new ArrayList<>();
    lock.lock();
    try {
      wakes++;
      filters.forEach(each -> lastWake.put(each, wakes));
      for (Entry entry : parked) {
        if (entry.rejectedBy.stream().anyMatch(filters::contains)) {
          concerned.add(entry.key);
        }
      }
    } finally {
      lock.unlock();
    }
    concerned.forEach(this::wake);
  }

  private void wake(ObjectKey key) {
    Duration left;
    long due;
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null || entry.state != State.PARKED) {
        return;
      }
      Duration backoff = Backoff.SCHEDULER.after(Math.max(1, entry.attempts));
      left = backoff.minusNanos(timer.nanos() - entry.lastNanos);
      entry.state = State.BACKOFF;
      parked.remove(entry);
      due = timer.nanos() + Math.max(0, left.toNanos());
      entry.dueNanos = due;
    } finally {
      lock.unlock();
    }
    if (left.isPositive()) {
      timer.after(left, () -> becomeReady(key, due));
    } else {
      becomeReady(key, due);
    }
  }

  private void becomeReady(ObjectKey key, long due) {
    lock.lock();
    try {
      Entry entry = entries.get(key);
      if (entry == null || entry.state != State.BACKOFF || entry.dueNanos != due) {
        return;
      }
      entry.state = State.READY;
      ready.add(entry);
    } finally {
      lock.unlock();
    }
    onReady.run();
  }

  /** How many pods want a node. */
  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }
}
