package dev.wherry.master.controllers.job;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.JobView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether a job is over and why. Pure.
 *
 * @param reason as the condition says it
 */
record Ending(Kind kind, String reason, String message) {
  static final String FAILURE_TARGET = "FailureTarget";
  static final String SUCCESS_CRITERIA_MET = "SuccessCriteriaMet";

  /** How it ended. */
  enum Kind {
    SUCCESS,
    FAILURE
  }

  private static Optional<Ending> failure(String reason, String message) {
    return Optional.of(new Ending(Kind.FAILURE, reason, message));
  }

  private static Optional<Ending> success(String reason, String message) {
    return Optional.of(new Ending(Kind.SUCCESS, reason, message));
  }

  boolean isFailure() {
    return kind == Kind.FAILURE;
  }

  /** What was decided before stands; else what the count and the clock say. */
  static Optional<Ending> of(JobView job, List<JobPod> pods, Tally tally, Instant now) {
    return decided(job)
        .or(() -> failure(job, pods, tally, now))
        .or(() -> success(job, pods, tally));
  }

  /** What was decided before; the job is not over yet. */
  static Optional<Ending> decided(JobView job) {
    Optional<Condition> target =
        Condition.find(job.tree(), FAILURE_TARGET).filter(Condition::isTrue);
    if (target.isPresent()) {
      return failure(target.get().reason(), target.get().message());
    }
    return Condition.find(job.tree(), SUCCESS_CRITERIA_MET)
        .filter(Condition::isTrue)
        .flatMap(met -> success(met.reason(), met.message()));
  }

  private static Optional<Ending> failure(
      JobView job, List<JobPod> pods, Tally tally, Instant now) {
    if (!tally.failJob().isEmpty()) {
      return failure("PodFailurePolicy", tally.failJob());
    }
    if (tally.allFailed() > job.backoffLimit() || restartsExceed(job, pods)) {
      return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    }
    if (deadline(job).filter(each -> !each.isAfter(now)).isPresent()) {
      return failure("DeadlineExceeded", "Job was active longer than specified deadline");
    }
    if (job.maxFailedIndexes().isPresent()
        && tally.failedIndexes().size() > job.maxFailedIndexes().getAsLong()) {
      return failure(
          "MaxFailedIndexesExceeded",
          "Job has exceeded the specified maximal number of failed indexes");
    }
    long decided = tally.completed().size() + tally.failedIndexes().size();
    boolean isOver = job.completions().isPresent() && decided >= job.completions().getAsLong();
    return isOver && tally.failedIndexes().size() > 0
        ? failure("FailedIndexes", "Job has failed indexes")
        : Optional.empty();
  }

  private static boolean restartsExceed(JobView job, List<JobPod> pods) {
    if (!job.template().obj("spec").string("restartPolicy").equals("OnFailure")) {
      return false;
    }
    long restarts = pods.stream().filter(JobPod::isActive).mapToLong(JobPod::restarts).sum();
    return job.backoffLimit() == 0 ? restarts > 0 : restarts >= job.backoffLimit();
  }

  /** When the job runs out of time; empty while it does not run. */
  static Optional<Instant> deadline(JobView job) {
    return job.isSuspended() || job.activeDeadlineSeconds().isEmpty()
        ? Optional.empty()
        : job.startTime().map(each -> each.plusSeconds(job.activeDeadlineSeconds().getAsLong()));
  }

  private static Optional<Ending> success(JobView job, List<JobPod> pods, Tally tally) {
    int rule = matchedRule(job, tally);
    if (rule >= 0) {
      return success("SuccessPolicy", "Matched rules at index " + rule);
    }
    boolean reached =
        job.completions().isPresent()
            ? tally.allSucceeded() >= job.completions().getAsLong()
            : tally.allSucceeded() > 0 && pods.stream().noneMatch(JobPod::isActive);
    return reached
        ? success("CompletionsReached", "Reached expected number of succeeded pods")
        : Optional.empty();
  }

  private static int matchedRule(JobView job, Tally tally) {
    List<Obj> rules = job.spec().obj("successPolicy").objs("rules");
    for (int i = 0; i < rules.size(); i++) {
      Obj rule = rules.get(i);
      boolean named = !rule.string("succeededIndexes").isEmpty();
      IndexSet among = named ? IndexSet.parse(rule.string("succeededIndexes")) : tally.completed();
      long needed = rule.number("succeededCount", named ? among.size() : Long.MAX_VALUE);
      if (tally.completed().sizeWithin(among) >= needed) {
        return i;
      }
    }
    return -1;
  }
}
