package dev.wherry.master.controllers.job;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The count of a job's ended pods, each counted once whatever fails in between (Kubernetes: Job,
 * termination and tracking by finalizers):
 *
 * <pre>
 * ended, with finalizer                       its uid goes into status.uncountedTerminatedPods
 * uid written there                           the finalizer is removed from the pod
 * uid there, pod without finalizer, or gone   the counter grows and the uid leaves, in one write
 * </pre>
 *
 * A success of an indexed job is counted by its index instead. Pure.
 *
 * @param ended those whose finalizer may go once this is written
 */
record Tally(
    long succeeded,
    long failed,
    IndexSet completed,
    IndexSet failedIndexes,
    Set<String> newSuccesses,
    Set<String> newFailures,
    List<JobPod> ended,
    String failJob) {

  Tally {
    ended = List.copyOf(ended);
  }

  static Tally of(JobView job, List<JobPod> pods) {
    return new Counting(job, pods).count();
  }

  long allSucceeded() {
    return succeeded + newSuccesses.size();
  }

  long allFailed() {
    return failed + newFailures.size();
  }

  /** The tally with these counted as failed: they go with their job. */
  Tally withFailures(List<JobPod> more) {
    Set<String> failures = new LinkedHashSet<>(newFailures);
    more.stream().filter(JobPod::isTracked).map(JobPod::uid).forEach(failures::add);
    return new Tally(
        succeeded, failed, completed, failedIndexes, newSuccesses, failures, ended, failJob);
  }

  /** One run of {@link #of}. Confined to one thread. */
  private static final class Counting {
    private final JobView job;
    private final List<JobPod> pods;
    private final FailurePolicy policy;
    private final Set<String> successes = new LinkedHashSet<>();
    private final Set<String> failures = new LinkedHashSet<>();
    private final List<JobPod> ended = new ArrayList<>();
    private IndexSet completed;
    private IndexSet failedIndexes;
    private String failJob = "";

    Counting(JobView job, List<JobPod> pods) {
      this.job = job;
      this.pods = pods;
      this.policy = FailurePolicy.of(job);
      this.completed = IndexSet.parse(job.status().string("completedIndexes"));
      this.failedIndexes = IndexSet.parse(job.status().string("failedIndexes"));
      if (job.isIndexed()) {
        completed = completed.below(job.completions().orElse(0));
        failedIndexes = failedIndexes.below(job.completions().orElse(0));
      }
    }

    Tally count() {
      Set<String> tracked =
          pods.stream().filter(JobPod::isTracked).map(JobPod::uid).collect(Collectors.toSet());
      Obj uncounted = job.status().obj("uncountedTerminatedPods");
      long succeeded = job.status().number("succeeded", 0);
      long failed = job.status().number("failed", 0);
      for (String uid : new HashSet<>(uncounted.strings("succeeded"))) {
        if (tracked.contains(uid)) {
          successes.add(uid);
        } else {
          succeeded++;
        }
      }
      for (String uid : new HashSet<>(uncounted.strings("failed"))) {
        if (tracked.contains(uid)) {
          failures.add(uid);
        } else {
          failed++;
        }
      }
      pods.stream().filter(JobPod::isTracked).forEach(this::look);
      return new Tally(
          job.isIndexed() ? completed.size() : succeeded,
          failed,
          completed,
          failedIndexes,
          successes,
          failures,
          ended,
          failJob);
    }

    private void look(JobPod pod) {
      if (failures.contains(pod.uid())) {
        end(pod);
      } else if (pod.hasSucceeded()) {
        succeed(pod);
      } else if (pod.hasFailed(job)) {
        fail(pod);
      }
    }

    private void succeed(JobPod pod) {
      if (!job.isIndexed()) {
        successes.add(pod.uid());
      } else if (isIndex(pod.index())) {
        completed = completed.with(pod.index());
      }
      ended.add(pod);
    }

    /** Of a job that was made smaller some pods are left over. */
    private boolean isIndex(int index) {
      return index >= 0 && index < job.completions().orElse(0);
    }

    private void fail(JobPod pod) {
      FailurePolicy.Verdict verdict =
          pod.pod().phase().equals("Failed") ? policy.on(pod.pod()) : FailurePolicy.Verdict.COUNT;
      if (verdict.is("FailJob") && failJob.isEmpty()) {
        failJob = verdict.message();
      }
      if (verdict.is("Ignore")) {
        end(pod);
        return;
      }
      failures.add(pod.uid());
      long limit = job.backoffLimitPerIndex().orElse(Long.MAX_VALUE);
      boolean spent = pod.failuresBefore() >= limit || verdict.is("FailIndex");
      if (spent && isIndex(pod.index()) && !completed.contains(pod.index())) {
        failedIndexes = failedIndexes.with(pod.index());
      }
      end(pod);
    }

    /**
     * The last pod of an index stays tracked until another follows, which none does once the job's
     * end is decided: it carries the count.
     */
    private void end(JobPod pod) {
      boolean carries =
          job.backoffLimitPerIndex().isPresent()
              && !job.meta().isTerminating()
              && job.finished().isEmpty()
              && Ending.decided(job).isEmpty()
              && isIndex(pod.index())
              && !completed.contains(pod.index())
              && !failedIndexes.contains(pod.index())
              && pods.stream()
                  .noneMatch(
                      each ->
                          each.index() == pod.index()
                              && !each.uid().equals(pod.uid())
                              && (each.isActive() || each.failuresBefore() > pod.failuresBefore()));
      if (!carries) {
        ended.add(pod);
      }
    }
  }
}
