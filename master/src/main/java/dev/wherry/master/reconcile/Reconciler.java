package dev.wherry.master.reconcile;

import java.time.Duration;

/**
 * Brings the world nearer to what one object asks: read, plan, apply, report. Level-triggered: it
 * looks at what is, not at what changed, and doing it twice does nothing the second time.
 */
public interface Reconciler<K> {

  /** When the key wants to be looked at again. */
  sealed interface Outcome {
    Outcome DONE = new Done();

    static Outcome after(Duration delay) {
      return new After(delay);
    }

    /** At the next change. */
    record Done() implements Outcome {}

    /** At the next change, or when this delay is over. */
    record After(Duration delay) implements Outcome {}
  }

  /** Whatever it throws is reported and the key tried again with back-off. */
  Outcome reconcile(K key);
}
