package dev.wherry.agent.sync;

import dev.wherry.agent.pod.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The node's two clocks: the wall's, which is set anew when a board without a battery hears the
 * time, and a timer that begins where the wall's stood and never jumps. Thread-safe.
 */
public final class NodeClock {
  private final InstantSource wall;
  private final LongSupplier nanos;
  private final Instant began;
  private final long beganNanos;

  /**
   * @param nanos as {@link System#nanoTime}
   */
  public NodeClock(InstantSource wall, LongSupplier nanos) {
    this.wall = wall;
    this.nanos = nanos;
    this.began = wall.instant();
    this.beganNanos = nanos.getAsLong();
  }

  public static NodeClock system() {
    return new NodeClock(InstantSource.system(), System::nanoTime);
  }

  public Moment now() {
    return new Moment(timer(), wall.instant());
  }

  /** What waits are counted by. */
  public Instant timer() {
    return began.plus(Duration.ofNanos(nanos.getAsLong() - beganNanos));
  }

  /** What users are shown. */
  public InstantSource wall() {
    return wall;
  }
}
