package dev.wherry.agent.services;

import java.time.Duration;

/**
 * How long a loop waits for its next turn: its usual time, and after a failure a shorter one, which
 * doubles up to the usual with each that follows. Confined to one thread.
 */
final class TurnPace {
  private final Duration usual;
  private final Duration shortest;
  private Duration next;
  private boolean failing;

  TurnPace(Duration usual, Duration shortest) {
    this.usual = usual;
    this.shortest = shortest;
    this.next = usual;
  }

  Duration next() {
    return next;
  }

  /** Whether the last turn failed. */
  boolean isFailing() {
    return failing;
  }

  void succeeded() {
    failing = false;
    next = usual;
  }

  void failed() {
    Duration doubled = failing ? next.multipliedBy(2) : shortest;
    next = doubled.compareTo(usual) < 0 ? doubled : usual;
    failing = true;
  }
}
