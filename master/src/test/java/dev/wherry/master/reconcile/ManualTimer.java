package dev.wherry.master.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A timer whose time passes when a test says so. Thread-safe. */
public final class ManualTimer implements Timer {
  private record Due(long nanos, Runnable action) {}

  private final List<Due> due = new ArrayList<>();
  private Instant now;
  private long nanos;

  public ManualTimer(Instant now) {
    this.now = now;
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void after(Duration delay, Runnable action) {
    due.add(new Due(nanos + delay.toNanos(), action));
  }

  /** How many calls are to come. */
  public synchronized int pending() {
    return due.size();
  }

  /** Lets time pass and runs, on this thread and in order, what becomes due. */
  public void advance(Duration span) {
    long end = nanos() + span.toNanos();
    for (Optional<Due> next = takeUntil(end); next.isPresent(); next = takeUntil(end)) {
      next.get().action().run();
    }
    pass(end);
  }

  private synchronized Optional<Due> takeUntil(long end) {
    Optional<Due> first =
        due.stream().filter(each -> each.nanos() <= end).min(Comparator.comparingLong(Due::nanos));
    first.ifPresent(
        each -> {
          due.remove(each);
          pass(Math.max(nanos, each.nanos()));
        });
    return first;
  }

  private synchronized void pass(long to) {
    now = now.plusNanos(to - nanos);
    nanos = to;
  }

  @Override
  public synchronized void close() {
    due.clear();
  }
}
