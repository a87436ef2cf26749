package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.List;

/**
 * The chain of admission: every mutating step in order, then every validating one on the result.
 * Thread-safe as its steps are.
 */
public final class Admission {
  private final List<Step.Mutating> mutating;
  private final List<Step.Validating> validating;

  public Admission(List<Step.Mutating> mutating, List<Step.Validating> validating) {
    this.mutating = List.copyOf(mutating);
    this.validating = List.copyOf(validating);
  }

  /** The object to write. */
  public Obj admit(Request request) {
    Request current = request;
    if (request.change().verb() != Change.Verb.DELETE) {
      for (Step.Mutating step : mutating) {
        current = current.withObject(step.admit(current));
      }
    }
    for (Step.Validating step : validating) {
      step.check(current);
    }
    return current.change().object();
  }
}
