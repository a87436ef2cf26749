package dev.wherry.master.audit;

import java.util.Optional;

/** How far a request is when it is recorded (audit.k8s.io/v1 Stage). */
public enum Stage {
  REQUEST_RECEIVED("RequestReceived"),
  /** The head of an answer is sent whose body takes long: watches and streams alone. */
  RESPONSE_STARTED("ResponseStarted"),
  RESPONSE_COMPLETE("ResponseComplete"),
  /** The server failed. */
  PANIC("Panic");

  private final String text;

  Stage(String text) {
    this.text = text;
  }

  static Optional<Stage> of(String text) {
    for (Stage each : values()) {
      if (each.text.equals(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** As policies and events write it. */
  public String text() {
    return text;
  }
}
