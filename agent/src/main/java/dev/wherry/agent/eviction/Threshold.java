package dev.wherry.agent.eviction;

import dev.wherry.api.object.Quantity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What must be free of a signal's resource.
 *
 * @param grace for how long less may be free before pods leave; zero: a hard threshold
 */
public record Threshold(Signal signal, Bound least, Duration grace) {

  /**
   * An amount, or a part of the whole.
   *
   * @param text as it was written: {@code 100Mi}, {@code 10%}
   * @param fraction of the capacity; 0 where {@code amount} counts
   */
  public record Bound(String text, long amount, double fraction) {
    /**
     * @throws IllegalArgumentException with words for a user
     */
    public static Bound parse(String text) {
      if (!text.endsWith("%")) {
        Quantity quantity = Quantity.parse(text);
        if (quantity.isNegative()) {
          throw new IllegalArgumentException("must not be negative: " + text);
        }
        return new Bound(text, quantity.wholeCeiling(), 0);
      }
      double percent = Double.parseDouble(text.substring(0, text.length() - 1));
      if (percent < 0 || percent >= 100) {
        throw new IllegalArgumentException("must be between 0% and 100%: " + text);
      }
      return new Bound(text, 0, percent / 100);
    }

    public long of(long capacity) {
      return fraction > 0 ? (long) (fraction * capacity) : amount;
    }
  }

  public boolean isHard() {
    return grace.isZero();
  }

  /**
   * Thresholds as kubelet's flags write them.
   *
   * @param text {@code memory.available<100Mi,nodefs.available<10%}; empty: none
   * @param graces {@code memory.available=1m30s} for each soft one; empty: hard ones
   * @throws IllegalArgumentException with words for a user
   */
  public static List<Threshold> parse(String text, String graces) {
    Map<Signal, Duration> periods = new LinkedHashMap<>();
    pairs(graces, "=").forEach((signal, period) -> periods.put(signal, GoDuration.parse(period)));
    List<Threshold> thresholds = new ArrayList<>();
    boolean soft = !periods.isEmpty();
    pairs(text, "<")
        .forEach(
            (signal, bound) -> {
              Duration grace = periods.getOrDefault(signal, Duration.ZERO);
              if (soft && grace.isZero()) {
                throw new IllegalArgumentException(
                    "grace period must be specified for the soft eviction threshold "
                        + signal.word());
              }
              thresholds.add(new Threshold(signal, Bound.parse(bound), grace));
            });
    return thresholds;
  }

  /** Amounts to free beyond the threshold: {@code nodefs.available=500Mi}. */
  public static Map<Signal, Bound> reclaims(String text) {
    Map<Signal, Bound> bounds = new LinkedHashMap<>();
    pairs(text, "=").forEach((signal, bound) -> bounds.put(signal, Bound.parse(bound)));
    return bounds;
  }

  private static Map<Signal, String> pairs(String text, String between) {
    Map<Signal, String> pairs = new LinkedHashMap<>();
    for (String each : text.split(",")) {
      if (each.isBlank()) {
        continue;
      }
      int at = each.indexOf(between);
      String word = (at < 0 ? each : each.substring(0, at)).strip();
      Signal signal =
          Signal.of(word)
              .filter(_ -> at > 0)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "unsupported eviction signal \"" + each.strip() + "\""));
      if (pairs.put(signal, each.substring(at + 1).strip()) != null) {
        throw new IllegalArgumentException("duplicate eviction signal " + word);
      }
    }
    return pairs;
  }
}
