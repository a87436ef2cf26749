package dev.wherry.master.registry;

import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a delete is meant (metav1.DeleteOptions).
 *
 * @param gracePeriodSeconds empty: the object's own
 * @param propagation empty: the resource's default
 * @param uid the object must have this uid; empty asks nothing
 * @param resourceVersion the object must be at this version; empty asks nothing
 */
public record DeleteOptions(
    OptionalLong gracePeriodSeconds,
    Optional<Propagation> propagation,
    String uid,
    String resourceVersion,
    boolean dryRun) {

  /** What becomes of the object's dependents. */
  public enum Propagation {
    ORPHAN,
    BACKGROUND,
    FOREGROUND
  }

  public static final DeleteOptions DEFAULT =
      new DeleteOptions(OptionalLong.empty(), Optional.empty(), "", "", false);

  /**
   * From a {@code metav1.DeleteOptions} object, as the body of a DELETE has it.
   *
   * @throws dev.wherry.api.status.StatusException INVALID for an unknown propagation policy
   */
  public static DeleteOptions of(Obj options) {
    Obj preconditions = options.obj("preconditions");
    return new DeleteOptions(
        options.has("gracePeriodSeconds")
            ? OptionalLong.of(options.number("gracePeriodSeconds", 0))
            : OptionalLong.empty(),
        propagation(options),
        preconditions.string("uid"),
        preconditions.string("resourceVersion"),
        options.strings("dryRun").contains("All"));
  }

  /** From the {@code deleteOptions} of a {@code policy/v1} Eviction. */
  public static DeleteOptions ofEviction(Obj eviction) {
    return of(eviction.obj("deleteOptions"));
  }

  private static Optional<Propagation> propagation(Obj options) {
    String policy = options.string("propagationPolicy");
    return switch (policy) {
      case "" ->
          options.flag("orphanDependents") ? Optional.of(Propagation.ORPHAN) : Optional.empty();
      case "Orphan" -> Optional.of(Propagation.ORPHAN);
      case "Background" -> Optional.of(Propagation.BACKGROUND);
      case "Foreground" -> Optional.of(Propagation.FOREGROUND);
      default ->
          throw StatusException.invalid(
              "meta.k8s.io",
              "DeleteOptions",
              "",
              List.of(
                  Cause.invalid(
                      "propagationPolicy",
                      policy,
                      "must be one of \"Orphan\", \"Background\", \"Foreground\"")));
    };
  }

  public DeleteOptions withGracePeriodSeconds(long seconds) {
    return new DeleteOptions(OptionalLong.of(seconds), propagation, uid, resourceVersion, dryRun);
  }

  public DeleteOptions withUid(String required) {
    return new DeleteOptions(gracePeriodSeconds, propagation, required, resourceVersion, dryRun);
  }
}
