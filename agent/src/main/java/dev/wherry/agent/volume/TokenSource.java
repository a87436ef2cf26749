package dev.wherry.agent.volume;

import java.time.Duration;

/** Gives tokens for pods' accounts, a port that the session with the master fills. Thread-safe. */
public interface TokenSource {

  /** Asks for a new token. Blocks, within a bound of the implementation's. */
  Answer ask(TokenWish wish) throws InterruptedException;

  /** What came of a request. */
  sealed interface Answer {
    /**
     * @param lifetime from its making to its end, whatever this node's clock says
     */
    record Granted(String token, Duration lifetime) implements Answer {
      @Override
      public String toString() {
        return "Granted[" + lifetime + "]";
      }
    }

    /** The master's words why there is none. */
    record Refused(String message) implements Answer {}

    /** There is no master to ask. */
    record OutOfReach() implements Answer {}
  }

  /** For nodes that have no master at all. */
  static TokenSource none() {
    return _ -> new Answer.OutOfReach();
  }
}
