package dev.wherry.master.audit;

import java.util.Optional;

/** How much of a request is recorded (audit.k8s.io/v1 Level), from nothing to everything. */
public enum Level {
  NONE("None"),
  METADATA("Metadata"),
  REQUEST("Request"),
  REQUEST_RESPONSE("RequestResponse");

  private final String text;

  Level(String text) {
    this.text = text;
  }

  static Optional<Level> of(String text) {
    for (Level each : values()) {
      if (each.text.equals(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  boolean includes(Level other) {
    return compareTo(other) >= 0;
  }

  /** As policies and events write it. */
  public String text() {
    return text;
  }
}
