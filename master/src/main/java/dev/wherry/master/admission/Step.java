package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;

/** One step of admission. Thread-safe. */
public sealed interface Step {

  /** Changes what is written. */
  non-sealed interface Mutating extends Step {
    /**
     * The object to go on with.
     *
     * @throws dev.wherry.api.status.StatusException when the request is refused
     */
    Obj admit(Request request);
  }

  /** Refuses, or lets through. */
  non-sealed interface Validating extends Step {
    /**
     * Returns when nothing speaks against the request.
     *
     * @throws dev.wherry.api.status.StatusException when the request is refused
     */
    void check(Request request);
  }
}
