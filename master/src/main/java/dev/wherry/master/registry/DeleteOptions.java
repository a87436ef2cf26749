package dev.wherry.master.registry;

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

  private static final String ALL = "All";
  private static final String POLICY = "propagationPolicy";
  private static final String ORPHANS = "orphanDependents";
  private static final List<String> POLICIES = List.of("Foreground", "Background", "Orphan");
  private static final List<String> SUPPORTED =
      List.of("Foreground", "Background", "Orphan", "nil");

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
   * @throws dev.wherry.api.status.StatusException INVALID for options that cannot be
   */
  public static DeleteOptions of(Obj options) {
    check(options);
    Obj preconditions = options.obj("preconditions");
    return new DeleteOptions(
        options.has("gracePeriodSeconds")
            ? OptionalLong.of(options.number("gracePeriodSeconds", 0))
            : OptionalLong.empty(),
        propagation(options),
        preconditions.string("uid"),
        preconditions.string("resourceVersion"),
        options.strings("dryRun").contains(ALL));
  }

  /** From the {@code deleteOptions} of a {@code policy/v1} Eviction. */
  public static DeleteOptions ofEviction(Obj eviction) {
    return of(eviction.obj("deleteOptions"));
  }

  private static void check(Obj options) {
    Causes causes = new Causes();
    if (options.has(POLICY)) {
      String policy = options.string(POLICY);
      if (options.has(ORPHANS)) {
        causes.invalid(
            POLICY, policy, "orphanDependents and deletionPropagation cannot be both set");
      }
      if (!POLICIES.contains(policy)) {
        causes.notSupported(POLICY, policy, SUPPORTED);
      }
    }
    List<String> dryRun = options.strings("dryRun");
    if (!dryRun.stream().allMatch(ALL::equals)) {
      causes.notSupported("dryRun", dryRun, List.of(ALL));
    }
    if (!causes.isEmpty()) {
      throw StatusException.invalid("meta.k8s.io", "DeleteOptions", "", causes.list());
    }
  }

  private static Optional<Propagation> propagation(Obj options) {
    return switch (options.string(POLICY)) {
      case "Orphan" -> Optional.of(Propagation.ORPHAN);
      case "Background" -> Optional.of(Propagation.BACKGROUND);
      case "Foreground" -> Optional.of(Propagation.FOREGROUND);
      default ->
          options.has(ORPHANS)
              ? Optional.of(options.flag(ORPHANS) ? Propagation.ORPHAN : Propagation.BACKGROUND)
              : Optional.empty();
    };
  }

  public DeleteOptions withGracePeriodSeconds(long seconds) {
    return new DeleteOptions(OptionalLong.of(seconds), propagation, uid, resourceVersion, dryRun);
  }

  /** The same, with nothing written. */
  public DeleteOptions asDryRun() {
    return new DeleteOptions(gracePeriodSeconds, propagation, uid, resourceVersion, true);
  }

  public DeleteOptions withUid(String required) {
    return new DeleteOptions(gracePeriodSeconds, propagation, required, resourceVersion, dryRun);
  }
}
