package dev.wherry.master.store.disk;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * How far history may be forgotten: what is older than an age once there is something to gain, and
 * whatever exceeds a bound of bytes. Keeps a mark of the time now and then, as versions carry none.
 * Confined to one thread.
 */
final class Retention {
  private static final int MARKS_PER_AGE = 30;

  /** At {@code nanos} the last revision was {@code revision}. */
  private record Mark(long revision, long nanos) {}

  private final long ageNanos;
  private final long maxBytes;
  private final Deque<Mark> marks = new ArrayDeque<>();

  Retention(Duration age, long maxBytes) {
    this.ageNanos = age.toNanos();
    this.maxBytes = maxBytes;
  }

  /**
   * How many history entries to forget after so many writes: more than came, so that the bound is
   * reached, and few enough that the next write does not wait.
   */
  static int step(int operations) {
    return 16 + 2 * operations;
  }

  /** The revision up to which to forget; empty when all is to be kept. */
  OptionalLong floor(long applied, long historyBytes, long nowNanos) {
    if (marks.isEmpty() || nowNanos - marks.getLast().nanos() >= ageNanos / MARKS_PER_AGE) {
      marks.addLast(new Mark(applied, nowNanos));
    }
    if (historyBytes > maxBytes) {
      return OptionalLong.of(applied);
    }
    return historyBytes > maxBytes / 4 ? aged(nowNanos) : OptionalLong.empty();
  }

  /** The newest revision that is known to be older than the age. */
  OptionalLong aged(long nowNanos) {
    OptionalLong floor = OptionalLong.empty();
    while (!marks.isEmpty() && nowNanos - marks.getFirst().nanos() >= ageNanos) {
      floor = OptionalLong.of(marks.removeFirst().revision());
    }
    // Kept for the next question: what was old stays old.
    floor.ifPresent(revision -> marks.addFirst(new Mark(revision, nowNanos - ageNanos)));
    return floor;
  }
}
