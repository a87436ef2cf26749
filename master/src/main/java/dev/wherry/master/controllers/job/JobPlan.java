package dev.wherry.master.controllers.job;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a job does next, in this order: the status, which says whose end is counted; then the
 * finalizers of those; then the pods that are to go and those that are to come. Pure: the plan on
 * what is there after a plan was carried out, and nothing else happened, is empty.
 *
 * @param status as it should be
 * @param release pods without the finalizer
 * @param drop pods that are not wanted now and do not count, without the finalizer, to be deleted
 * @param kill pods that end with their job
 * @param create new pods
 * @param recheck when time alone makes a difference
 */
record JobPlan(
    Obj status,
    List<Obj> release,
    List<Obj> drop,
    List<Obj> kill,
    List<Obj> create,
    Optional<Duration> recheck) {

  /** No more than this many pods are made or deleted at once; the rest follows. */
  static final int BURST = 500;

  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(10);
  private static final int MAX_DOUBLINGS = 6;

  JobPlan {
    release = List.copyOf(release);
    drop = List.copyOf(drop);
    kill = List.copyOf(kill);
    create = List.copyOf(create);
  }

  /**
   * @param pods those that the job controls
   */
  static JobPlan plan(JobView job, List<Obj> pods, Instant now) {
    return new Planning(job, pods.stream().map(JobPod::of).toList(), now).plan();
  }

  boolean isEmpty(JobView job) {
    return status.equals(job.status())
        && release.isEmpty()
        && drop.isEmpty()
        && kill.isEmpty()
        && create.isEmpty();
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final JobView job;
    private final List<JobPod> pods;
    private final Instant now;
    private final List<JobPod> active;
    private final List<Obj> drop = new ArrayList<>();
    private final List<Obj> kill = new ArrayList<>();
    private final List<Obj> create = new ArrayList<>();
    private Optional<Duration> recheck = Optional.empty();

    Planning(JobView job, List<JobPod> pods, Instant now) {
      this.job = job;
      this.pods = pods;
      this.now = now;
      this.active = pods.stream().filter(JobPod::isActive).toList();
    }

    JobPlan plan() {
      if (job.finished().isPresent() || job.meta().isTerminating()) {
        // Nobody counts any more: nothing is to hold on to the pods.
        List<Obj> all = pods.stream().filter(JobPod::isTracked).map(JobPod::released).toList();
        return new JobPlan(job.status(), all, drop, kill, create, recheck);
      }
      Tally tally = Tally.of(job, pods);
      Optional<Ending> ending = Ending.of(job, pods, tally, now);
      if (ending.isPresent()) {
        tally = end(tally, ending.get());
      } else if (job.isSuspended()) {
        active.stream().limit(BURST).forEach(each -> drop.add(each.released()));
      } else {
        resize(tally);
        Ending.deadline(job).ifPresent(each -> recheckAt(each));
      }
      Obj status = JobStatus.of(job, pods, tally, ending, now);
      List<Obj> release = tally.ended().stream().map(JobPod::released).toList();
      return new JobPlan(status, release, drop, kill, create, recheck);
    }

    /**
     * What runs yet ends with the job: as failed when the job failed, uncounted when it did not.
     */
    private Tally end(Tally tally, Ending ending) {
      for (JobPod each : active) {
        if (ending.isFailure()) {
          kill.add(each.released());
        } else {
          drop.add(each.released());
        }
      }
      return ending.isFailure() ? tally.withFailures(active) : tally;
    }

    private void recheckAt(Instant at) {
      Duration wait = Duration.between(now, at);
      if (wait.isPositive() && recheck.filter(each -> each.compareTo(wait) <= 0).isEmpty()) {
        recheck = Optional.of(wait);
      }
    }

    private void resize(Tally tally) {
      if (job.isIndexed()) {
        resizeIndexed(tally);
        return;
      }
      long wanted = wanted(tally.allSucceeded());
      long surplus = active.size() - wanted;
      if (surplus > 0) {
        active.stream()
            .sorted(LEAST_MISSED)
            .limit(Math.min(surplus, BURST))
            .forEach(each -> drop.add(each.released()));
        return;
      }
      long missing = -surplus - blocking();
      if (missing > 0 && mayCreate(pods, tally)) {
        Obj pod = JobPod.made(job);
        for (int i = 0; i < Math.min(missing, BURST); i++) {
          create.add(pod);
        }
      }
    }

    /** Not bound before bound, not ready before ready, the younger before the older. */
    private static final Comparator<JobPod> LEAST_MISSED =
        Comparator.<JobPod>comparingInt(each -> each.pod().nodeName().isEmpty() ? 0 : 1)
            .thenComparingInt(each -> each.pod().isReady() ? 1 : 0)
            .thenComparing(
                each -> each.pod().meta().creationTimestamp().orElse(Instant.EPOCH),
                Comparator.reverseOrder())
            .thenComparing(each -> each.pod().key());

    private long wanted(long succeeded) {
      if (job.completions().isPresent()) {
        long left = Math.max(0, job.completions().getAsLong() - succeeded);
        return Math.min(left, job.parallelism());
      }
      return succeeded > 0 ? Math.min(active.size(), job.parallelism()) : job.parallelism();
    }

    /** Pods that end and are not to be replaced before they have. */
    private long blocking() {
      return pods.stream().filter(each -> each.isAwaited(job)).count();
    }

    private void resizeIndexed(Tally tally) {
      long completions = job.completions().orElse(0);
      Set<Integer> held = new HashSet<>();
      List<JobPod> kept = new ArrayList<>();
      for (JobPod each : active.stream().sorted(LEAST_MISSED.reversed()).toList()) {
        boolean wanted =
            each.index() >= 0
                && each.index() < completions
                && !tally.completed().contains(each.index())
                && !tally.failedIndexes().contains(each.index())
                && held.add(each.index());
        if (wanted) {
          kept.add(each);
        } else {
          drop.add(each.released());
        }
      }
      kept.sort(Comparator.comparingInt(JobPod::index));
      for (int i = (int) Math.min(kept.size(), job.parallelism()); i < kept.size(); i++) {
        drop.add(kept.get(i).released());
      }
      pods.stream().filter(each -> each.isAwaited(job)).forEach(each -> held.add(each.index()));
      long room = Math.min(job.parallelism() - kept.size() - blocking(), BURST);
      if (room > 0 && (job.backoffLimitPerIndex().isPresent() || mayCreate(pods, tally))) {
        fill(tally, held, completions, room);
      }
    }

    private void fill(Tally tally, Set<Integer> held, long completions, long room) {
      Map<Integer, List<JobPod>> failed = new HashMap<>();
      if (job.backoffLimitPerIndex().isPresent()) {
        pods.stream()
            .filter(each -> each.hasFailed(job))
            .forEach(
                each -> failed.computeIfAbsent(each.index(), _ -> new ArrayList<>()).add(each));
      }
      for (int index = 0; index < completions && create.size() < room; index++) {
        boolean open =
            !held.contains(index)
                && !tally.completed().contains(index)
                && !tally.failedIndexes().contains(index);
        List<JobPod> before = failed.getOrDefault(index, List.of());
        if (open && (before.isEmpty() || mayCreate(before, tally))) {
          create.add(JobPod.made(job, index, failures(before)));
        }
      }
    }

    private int failures(List<JobPod> before) {
      FailurePolicy policy = FailurePolicy.of(job);
      return before.stream()
          .mapToInt(each -> each.failuresBefore() + (policy.on(each.pod()).is("Ignore") ? 0 : 1))
          .max()
          .orElse(0);
    }

    /** Whether the failures since the last success let another pod start already. */
    private boolean mayCreate(List<JobPod> among, Tally tally) {
      Instant success =
          among.stream()
              .filter(JobPod::hasSucceeded)
              .map(JobPod::finishedAt)
              .max(Instant::compareTo)
              .orElse(Instant.EPOCH);
      List<Instant> failures =
          among.stream()
              .filter(each -> each.pod().phase().equals("Failed"))
              .map(JobPod::finishedAt)
              .filter(each -> each.isAfter(success))
              .sorted()
              .toList();
      if (failures.isEmpty()) {
        return true;
      }
      int doublings = Math.min(failures.size() - 1, MAX_DOUBLINGS);
      Duration backoff = FIRST_BACKOFF.multipliedBy(1L << doublings);
      Duration bounded = backoff.compareTo(LONGEST_BACKOFF) < 0 ? backoff : LONGEST_BACKOFF;
      Instant due = failures.getLast().plus(bounded);
      recheckAt(due);
      return !due.isAfter(now);
    }
  }
}
