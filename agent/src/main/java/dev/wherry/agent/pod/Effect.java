package dev.wherry.agent.pod;

import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.util.Map;

/** Something that the pod's state machine wants done. */
public sealed interface Effect {
  /** Volumes, files and namespaces. Answered by Prepared or PrepareFailed. */
  record Prepare() implements Effect {}

  /** Image, container, start. Answered by Started or StartFailed. */
  record Start(String container, int attempt) implements Effect {}

  /** The postStart hook. Answered by HookDone. */
  record PostStart(String container, String id) implements Effect {}

  /** The preStop hook, given up after {@code limit}. Answered by HookDone. */
  record PreStop(String container, String id, Duration limit) implements Effect {}

  /** Asks the node for what the pod wants. Answered by Allocated or NotAllocated. */
  record Allocate(PodView wanted) implements Effect {}

  /**
   * Gives running containers the bounds that their specs ask for. Answered by Resized or
   * ResizeFailed.
   *
   * @param ids by container
   */
  record Resize(Map<String, String> ids) implements Effect {}

  /** The stop signal. Its end is told by Exited. */
  record Terminate(String id) implements Effect {}

  /** SIGKILL. Answered by Exited where it is seen to have ended by then. */
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
