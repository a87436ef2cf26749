package dev.wherry.master.registry;

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

  public DeleteOptions withGracePeriodSeconds(long seconds) {
    return new DeleteOptions(OptionalLong.of(seconds), propagation, uid, resourceVersion, dryRun);
  }

  public DeleteOptions withUid(String required) {
    return new DeleteOptions(gracePeriodSeconds, propagation, required, resourceVersion, dryRun);
  }
}
