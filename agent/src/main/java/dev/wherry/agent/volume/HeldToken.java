package dev.wherry.agent.volume;

import java.time.Duration;

/**
 * A token that the node has, with its times by the clock that runs since the machine's boot: a node
 * whose calendar is wrong renews in time all the same. Immutable.
 *
 * @param since when it came
 */
record HeldToken(String token, Duration since, Duration lifetime) {
  private static final Duration LONGEST_UNRENEWED = Duration.ofHours(24);

  /** Whether it is to be renewed: at 80 % of its life and after a day (kubelet: token manager). */
  boolean isDue(Duration now) {
    Duration age = now.minus(since);
    return age.compareTo(lifetime.multipliedBy(4).dividedBy(5)) >= 0
        || age.compareTo(LONGEST_UNRENEWED) >= 0;
  }

  boolean isExpired(Duration now) {
    return now.minus(since).compareTo(lifetime) >= 0;
  }

  String text() {
    return since.toSeconds() + " " + lifetime.toSeconds() + "\n" + token;
  }

  /**
   * @throws IllegalArgumentException when the text is none of {@link #text}'s
   */
  static HeldToken parse(String text) {
    String[] lines = text.split("\n", 2);
    String[] times = lines[0].split(" ");
    if (lines.length != 2 || times.length != 2) {
      throw new IllegalArgumentException("no kept token");
    }
    return new HeldToken(
        lines[1],
        Duration.ofSeconds(Long.parseLong(times[0])),
        Duration.ofSeconds(Long.parseLong(times[1])));
  }

  @Override
  public String toString() {
    return "HeldToken[since " + since + ", lifetime " + lifetime + "]";
  }
}
