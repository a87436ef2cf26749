package dev.wherry.agent.pod;

import java.time.Duration;
import java.time.Instant;

/**
 * Now, by two clocks: a board without a battery may jump by months once it hears the time, and no
 * wait may be shorter or longer for it.
 *
 * @param timer never jumps; what waits are counted by
 * @param wall as users read it in a status; may jump
 */
public record Moment(Instant timer, Instant wall) {

  /** Where both clocks agree. */
  public static Moment of(Instant now) {
    return new Moment(now, now);
  }

  /** The timer's instant of something that a clock on the wall dated; never after now. */
  Instant timerOf(Instant onTheWall) {
    Duration ago = Duration.between(onTheWall, wall);
    return ago.isNegative() ? timer : timer.minus(ago);
  }
}
