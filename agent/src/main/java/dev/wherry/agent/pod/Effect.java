package dev.wherry.agent.pod;

import java.time.Duration;

/** Something that the pod's state machine wants done. */
public sealed interface Effect {
  /** Volumes, files and namespaces. Answered by Prepared or PrepareFailed. */
  record Prepare() implements Effect {}

  /** Image, container, start. Answered by Started or StartFailed. */
  record Start(String container, int attempt) implements Effect {}

  /** The preStop hook within {@code grace}, then the stop signal. Its end is told by Exited. */
  record Terminate(String container, String id, Duration grace) implements Effect {}

  record Kill(String id) implements Effect {}

  /** Removes an ended container that nobody needs any more. */
  record RemoveContainer(String id) implements Effect {}

  /** Gives the namespaces of a finished pod back; its containers stay for their logs. */
  record ReleaseSandbox() implements Effect {}

  /** Containers, namespaces, volumes, files. Answered by CleanedUp or CleanUpFailed. */
  record CleanUp() implements Effect {}

  /** Tells the master that nothing is left. */
  record ReportGone() implements Effect {}

  /**
   * A Kubernetes event.
   *
   * @param container empty: of the pod itself
   */
  record Record(Type type, String reason, String message, String container) implements Effect {}

  /** An event's type. */
  enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }
}
