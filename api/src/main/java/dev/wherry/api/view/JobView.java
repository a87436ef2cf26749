package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** A job, typed, with Kubernetes' defaults where a member lacks. */
public record JobView(Obj tree) implements WorkloadView {
  public static final String COMPLETE = "Complete";
  public static final String FAILED = "Failed";

  public long parallelism() {
    return spec().number("parallelism", 1);
  }

  /** Empty: any pod's success is the job's. */
  public OptionalLong completions() {
    return Fields.number(spec(), "completions");
  }

  public boolean isIndexed() {
    return spec().string("completionMode").equals("Indexed");
  }

  public boolean isSuspended() {
    return spec().flag("suspend");
  }

  public long backoffLimit() {
    return spec()
        .number("backoffLimit", backoffLimitPerIndex().isPresent() ? Integer.MAX_VALUE : 6);
  }

  public OptionalLong backoffLimitPerIndex() {
    return Fields.number(spec(), "backoffLimitPerIndex");
  }

  public OptionalLong maxFailedIndexes() {
    return Fields.number(spec(), "maxFailedIndexes");
  }

  public OptionalLong activeDeadlineSeconds() {
    return Fields.number(spec(), "activeDeadlineSeconds");
  }

  public OptionalLong ttlSecondsAfterFinished() {
    return Fields.number(spec(), "ttlSecondsAfterFinished");
  }

  /** Whether a pod is replaced only when it has failed, and not while it terminates. */
  public boolean replacesFailedOnly() {
    String policy = spec().string("podReplacementPolicy");
    return policy.equals("Failed") || policy.isEmpty() && spec().has("podFailurePolicy");
  }

  /** Whether somebody else looks after this job. */
  public boolean isManagedElsewhere() {
    String by = spec().string("managedBy", "kubernetes.io/job-controller");
    return !by.equals("kubernetes.io/job-controller");
  }

  public Optional<Instant> startTime() {
    return Meta.Times.parse(status().string("startTime"));
  }

  public Optional<Instant> completionTime() {
    return Meta.Times.parse(status().string("completionTime"));
  }

  public boolean has(String condition) {
    return Condition.isTrue(tree, condition);
  }

  /** {@code Complete} or {@code Failed}, once one of them is true. */
  public Optional<Condition> finished() {
    return Condition.find(tree, COMPLETE)
        .filter(Condition::isTrue)
        .or(() -> Condition.find(tree, FAILED).filter(Condition::isTrue));
  }
}
