package dev.wherry.master.controllers;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Which messages are lost or doubled, drawn from a seed. Thread-safe. */
final class Faults {
  /** What happens to a message. */
  enum Fault {
    NONE,
    LOST,
    ANSWER_LOST,
    TWICE
  }

  private final Random random;
  private volatile boolean on = true;
  private volatile int refusals;
  private final List<String> invalid = new ArrayList<>();

  Faults(long seed) {
    this.random = new Random(seed);
  }

  synchronized Fault next() {
    int drawn = on ? random.nextInt(40) : 39;
    return switch (drawn) {
      case 0, 1 -> Fault.LOST;
      case 2, 3 -> Fault.ANSWER_LOST;
      case 4 -> Fault.TWICE;
      default -> Fault.NONE;
    };
  }

  /** A doubled message was refused the second time, as it should be. */
  synchronized void refusedTwice() {
    refusals++;
  }

  /** What a controller wrote could never be taken: it would be tried for ever. */
  synchronized void invalid(String message) {
    invalid.add(message);
  }

  synchronized List<String> invalid() {
    return List.copyOf(invalid);
  }

  int refusals() {
    return refusals;
  }

  void stop() {
    on = false;
  }
}
