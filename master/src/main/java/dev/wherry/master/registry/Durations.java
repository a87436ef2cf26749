package dev.wherry.master.registry;

import dev.wherry.api.object.Meta;
import java.time.Duration;
import java.time.Instant;

/** Durations as kubectl shows them: two units at the most while they are short. Pure. */
public final class Durations {
  private static final String UNKNOWN = "<unknown>";

  private Durations() {}

  /** How long ago this RFC 3339 time was, or {@code <unknown>}. */
  public static String since(String timestamp, Instant now) {
    return Meta.Times.parse(timestamp)
        .map(then -> human(Duration.between(then, now)))
        .orElse(UNKNOWN);
  }

  /**
   * {@code 5s}, {@code 2m3s}, {@code 25m}, {@code 3h4m}, {@code 30h}, {@code 3d2h}, {@code 12d}.
   */
  public static String human(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < -1) {
      return "<invalid>";
    }
    if (seconds < 0) {
      return "0s";
    }
    if (seconds < 120) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    if (minutes < 10) {
      return joined(minutes, "m", seconds % 60, "s");
    }
    if (minutes < 180) {
      return minutes + "m";
    }
    long hours = minutes / 60;
    if (hours < 8) {
      return joined(hours, "h", minutes % 60, "m");
    }
    if (hours < 48) {
      return hours + "h";
    }
    long days = hours / 24;
    if (hours < 192) {
      return joined(days, "d", hours % 24, "h");
    }
    if (days < 730) {
      return days + "d";
    }
    long years = days / 365;
    return hours < 24 * 365 * 8 ? joined(years, "y", days % 365, "d") : years + "y";
  }

  private static String joined(long large, String largeUnit, long small, String smallUnit) {
    return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
  }
}
