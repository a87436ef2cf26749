package dev.wherry.master.controllers.job;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.JobView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@code status} of a job that is not yet finished. Pure. */
final class JobStatus {
  static final String SUSPENDED = "Suspended";

  private JobStatus() {}

  static Obj of(JobView job, List<JobPod> pods, Tally tally, Optional<Ending> ending, Instant now) {
    boolean settled =
        ending.isPresent()
            && tally.newSuccesses().isEmpty()
            && tally.newFailures().isEmpty()
            && tally.ended().isEmpty()
            && pods.stream().noneMatch(each -> each.isActive() || each.isEnding());
    // Of a job that ends, those that run yet are on their way out: they count no more.
    List<JobPod> running =
        ending.isPresent() ? List.of() : pods.stream().filter(JobPod::isActive).toList();
    long active = running.size();
    long ready = running.stream().filter(each -> each.pod().isReady()).count();
    Obj.Builder status = Obj.builder();
    status.putUnlessEmpty("conditions", conditions(job, ending, settled, now));
    start(job, now).ifPresent(each -> status.put("startTime", each));
    if (settled && !ending.get().isFailure()) {
      status.put("completionTime", Meta.Times.format(now));
    }
    putPositive(status, "active", active);
    putPositive(status, "succeeded", tally.succeeded());
    putPositive(status, "failed", tally.failed());
    status.put("terminating", pods.stream().filter(JobPod::isEnding).count());
    status.putUnlessEmpty("completedIndexes", tally.completed().toString());
    if (job.backoffLimitPerIndex().isPresent()) {
      status.put("failedIndexes", tally.failedIndexes().toString());
    }
    status.put("uncountedTerminatedPods", uncounted(tally));
    return status.put("ready", ready).build();
  }

  private static Obj uncounted(Tally tally) {
    return Obj.builder()
        .putUnlessEmpty("succeeded", new ArrayList<>(tally.newSuccesses()))
        .putUnlessEmpty("failed", new ArrayList<>(tally.newFailures()))
        .build();
  }

  private static void putPositive(Obj.Builder status, String key, long value) {
    if (value > 0) {
      status.put(key, value);
    }
  }

  /** When it began, or went on after a suspension; empty: it never has. */
  private static Optional<String> start(JobView job, Instant now) {
    boolean resumes = job.has(SUSPENDED) && !job.isSuspended();
    String before = job.status().string("startTime");
    if (resumes || before.isEmpty() && !job.isSuspended()) {
      return Optional.of(Meta.Times.format(now));
    }
    return before.isEmpty() ? Optional.empty() : Optional.of(before);
  }

  private static List<Obj> conditions(
      JobView job, Optional<Ending> ending, boolean settled, Instant now) {
    List<Obj> conditions = job.status().objs("conditions");
    if (ending.isPresent()) {
      Ending end = ending.get();
      conditions =
          with(
              conditions,
              end.isFailure() ? Ending.FAILURE_TARGET : Ending.SUCCESS_CRITERIA_MET,
              end,
              now);
      return settled
          ? with(conditions, end.isFailure() ? JobView.FAILED : JobView.COMPLETE, end, now)
          : conditions;
    }
    if (job.isSuspended()) {
      return job.has(SUSPENDED)
          ? conditions
          : Condition.set(
              conditions, probed(SUSPENDED, Condition.TRUE, "JobSuspended", "Job suspended", now));
    }
    return job.has(SUSPENDED)
        ? Condition.set(
            conditions, probed(SUSPENDED, Condition.FALSE, "JobResumed", "Job resumed", now))
        : conditions;
  }

  private static List<Obj> with(List<Obj> conditions, String type, Ending ending, Instant now) {
    boolean there =
        conditions.stream()
            .anyMatch(e -> e.string("type").equals(type) && new Condition(e).isTrue());
    return there
        ? conditions
        : Condition.set(
            conditions, probed(type, Condition.TRUE, ending.reason(), ending.message(), now));
  }

  private static Condition probed(
      String type, String status, String reason, String message, Instant now) {
    Condition condition = Condition.of(type, status, reason, message, now);
    return new Condition(condition.tree().with("lastProbeTime", Meta.Times.format(now)));
  }
}
