package dev.wherry.agent.runtime.podman;

import static dev.wherry.agent.runtime.engine.EngineApi.message;

import dev.wherry.agent.runtime.socket.UnixHttp.Answer;

/** What Podman's answers mean where their status does not tell. */
final class PodmanAnswers {
  private PodmanAnswers() {}

  /** Whether there is no such container; one that goes while it is looked at gives 500, not 404. */
  static boolean isGone(Answer answer) {
    return answer.status() == 404
        || answer.status() == 500 && message(answer).contains("no such container");
  }

  /**
   * Whether the container's process ended as Podman looked: 4.3 fails where that is between the
   * opening and the reading of the process' cgroup file (containers/podman#16383).
   */
  static boolean isEnding(Answer answer) {
    return answer.status() == 500 && message(answer).contains("/cgroup: no such process");
  }

  /** Whether the container was in another state, such as ended, by the time Podman turned to it. */
  static boolean isLate(Answer answer) {
    return answer.status() == 500 && message(answer).contains("container state improper");
  }

  /** Whether a signal could not be sent because the container's process has ended. */
  static boolean hasEnded(Answer answer) {
    return answer.status() == 409
        || isLate(answer)
        || answer.status() == 500 && message(answer).contains("can only kill running");
  }
}
