package dev.wherry.agent.pod;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How far a change of a running pod's resources has come: first the node is asked for them, then
 * its group and its containers get them. Immutable.
 *
 * @param groupHas the pod's own resources that its group still has after others were allocated;
 *     empty: the allocated ones
 */
record Resize(Ask ask, Course course, Optional<Obj> groupHas) {
  static final Resize NONE = new Resize(new Ask.Nothing(), new Course.Idle(), Optional.empty());

  /** What the node is asked for. */
  sealed interface Ask {
    record Nothing() implements Ask {}

    /** An answer comes. */
    record Asking(PodView wanted) implements Ask {}

    /**
     * The node has not got it, or was not asked yet.
     *
     * @param reason {@code Deferred} or {@code Infeasible}; empty: not asked yet
     * @param retryAt by the timer; empty: not before the pod changes
     */
    record Held(PodView wanted, String reason, String message, Optional<Instant> retryAt)
        implements Ask {}
  }

  /** What is done about running containers. */
  sealed interface Course {
    record Idle() implements Course {}

    /** An answer comes. */
    record Applying() implements Course {}

    /** Tried again at {@code retryAt}, by the timer. */
    record Failed(String message, Instant retryAt) implements Course {}
  }

  Resize asking(Ask next) {
    return new Resize(next, course, groupHas);
  }

  Resize doing(Course next) {
    return new Resize(ask, next, groupHas);
  }

  /** Others were allocated to the pod as a whole; of several changes the first tells. */
  Resize outgrowing(Obj resources) {
    return new Resize(ask, course, groupHas.or(() -> Optional.of(resources)));
  }

  /** The group has what was allocated. */
  Resize grown() {
    return new Resize(ask, course, Optional.empty());
  }

  /** When time alone brings it on. */
  List<Instant> wakeAt() {
    Optional<Instant> again = ask instanceof Ask.Held held ? held.retryAt() : Optional.empty();
    Optional<Instant> repeat =
        course instanceof Course.Failed failed ? Optional.of(failed.retryAt()) : Optional.empty();
    return Stream.of(again, repeat).flatMap(Optional::stream).toList();
  }
}
