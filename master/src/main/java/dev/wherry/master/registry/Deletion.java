package dev.wherry.master.registry;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a delete does to an object, after Kubernetes' rules:
 *
 * <pre>
 * no finalizer, nothing holds it, no grace           removed
 * not yet terminating                                deletionTimestamp = now + grace; lingers
 * terminating, a shorter grace asked                 deletionTimestamp moves; removed when 0
 * terminating, otherwise                             as it is
 * </pre>
 *
 * Foreground and orphan propagation are finalizers that the garbage collector removes. Pure.
 */
sealed interface Deletion {
  /** The object goes now. */
  record Removal() implements Deletion {}

  /** The object stays, as given here, until what holds it lets go. */
  record Lingering(Obj object) implements Deletion {}

  String ORPHAN = "orphan";
  String FOREGROUND = "foregroundDeletion";

  static Deletion plan(Strategy strategy, Obj object, DeleteOptions options, Instant now) {
    Obj next = withPropagation(object, options);
    Meta meta = Meta.of(next);
    long grace = Math.max(0, strategy.gracePeriodSeconds(next, options.gracePeriodSeconds()));
    if (meta.isTerminating()) {
      long before = meta.tree().number("deletionGracePeriodSeconds", 0);
      if (options.gracePeriodSeconds().isPresent() && grace < before) {
        Instant begun = meta.deletionTimestamp().orElse(now).minusSeconds(before);
        next = terminating(next, begun.plusSeconds(grace), grace);
      }
    } else {
      next = counted(strategy.beforeTermination(terminating(next, now.plusSeconds(grace), grace)));
    }
    return isOver(strategy, next) ? new Removal() : new Lingering(next);
  }

  /** Whether nothing keeps this object any more that is being deleted. */
  static boolean isOver(Strategy strategy, Obj object) {
    Meta meta = Meta.of(object);
    return meta.isTerminating()
        && meta.finalizers().isEmpty()
        && meta.tree().number("deletionGracePeriodSeconds", 0) == 0
        && !strategy.isHeld(object);
  }

  private static Obj terminating(Obj object, Instant at, long grace) {
    return object.change(
        "metadata",
        metadata ->
            metadata
                .with("deletionTimestamp", Meta.Times.format(at))
                .with("deletionGracePeriodSeconds", grace));
  }

  private static Obj counted(Obj object) {
    long generation = Meta.of(object).generation();
    return generation == 0 ? object : object.withAt(generation + 1, "metadata", "generation");
  }

  private static Obj withPropagation(Obj object, DeleteOptions options) {
    if (options.propagation().isEmpty()) {
      return object;
    }
    List<String> finalizers = new ArrayList<>(Meta.of(object).finalizers());
    finalizers.removeAll(List.of(ORPHAN, FOREGROUND));
    switch (options.propagation().get()) {
      case ORPHAN -> finalizers.add(ORPHAN);
      case FOREGROUND -> finalizers.add(FOREGROUND);
      case BACKGROUND -> {}
    }
    return object.change(
        "metadata",
        metadata ->
            finalizers.isEmpty()
                ? metadata.without("finalizers")
                : metadata.with("finalizers", finalizers));
  }
}
