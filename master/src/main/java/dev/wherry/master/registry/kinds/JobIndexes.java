package dev.wherry.master.registry.kinds;

import java.util.Optional;
import java.util.OptionalLong;

/** Indexes of a job's pods as text, such as {@code 1,3-5}: what may be wrong with it. Pure. */
final class JobIndexes {
  /** Both ends belong to it. */
  private record Interval(long first, long last) {}

  private JobIndexes() {}

  /** What is wrong with the text, of a job of so many completions. */
  static Optional<String> complaint(String text, long completions) {
    try {
      long _ = count(text, completions);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * How many indexes the text names.
   *
   * @throws IllegalArgumentException when it is none, in Kubernetes' words
   */
  static long count(String text, long completions) {
    if (text.isEmpty()) {
      return 0;
    }
    long total = 0;
    long last = -1;
    for (String part : text.split(",", -1)) {
      Interval interval = interval(part, completions);
      if (last >= interval.first()) {
        throw notIncreasing(last, interval.first());
      }
      total += interval.last() - interval.first() + 1;
      last = interval.last();
    }
    return total;
  }

  /** The first index that both name; of texts that are none, none. */
  static OptionalLong overlap(String one, String other, long completions) {
    if (one.isEmpty()
        || other.isEmpty()
        || complaint(one, completions).isPresent()
        || complaint(other, completions).isPresent()) {
      return OptionalLong.empty();
    }
    String[] ones = one.split(",", -1);
    String[] others = other.split(",", -1);
    int i = 0;
    int j = 0;
    while (i < ones.length && j < others.length) {
      Interval a = interval(ones[i], completions);
      Interval b = interval(others[j], completions);
      if (a.first() <= b.last() && b.first() <= a.last()) {
        return OptionalLong.of(Math.max(a.first(), b.first()));
      }
      if (a.first() <= b.first()) {
        i++;
      } else {
        j++;
      }
    }
    return OptionalLong.empty();
  }

  private static Interval interval(String text, long completions) {
    String[] ends = text.split("-", -1);
    if (ends.length > 2) {
      throw new IllegalArgumentException(
          "the fragment \""
              + text
              + "\" violates the requirement that an index interval can have at most two parts"
              + " separated by '-'");
    }
    long first = index(ends[0], completions);
    if (ends.length == 1) {
      return new Interval(first, first);
    }
    long last = index(ends[1], completions);
    if (first >= last) {
      throw notIncreasing(first, last);
    }
    return new Interval(first, last);
  }

  private static long index(String text, long completions) {
    long index;
    try {
      index = Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException(
          "cannot convert string to integer for index: \"" + text + "\"");
    }
    if (index >= completions) {
      throw new IllegalArgumentException("too large index: \"" + text + "\"");
    }
    return index;
  }

  private static IllegalArgumentException notIncreasing(long previous, long current) {
    return new IllegalArgumentException(
        "non-increasing order, previous: " + previous + ", current: " + current);
  }
}
