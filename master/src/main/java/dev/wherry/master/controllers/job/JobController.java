package dev.wherry.master.controllers.job;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.JobView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.Claim;
import dev.wherry.master.controllers.workload.PodWriter;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes, counts and deletes the pods of jobs, and deletes jobs whose time after their end is over.
 * Thread-safe.
 */
public final class JobController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "job-controller";
  private static final int PARALLELISM = 4;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer jobs;
  private final PodWriter pods;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;
  private final ControllerRunner<ObjectKey> orphans;

  public JobController(
      ObjectAccess access,
      SharedInformers informers,
      Informer jobs,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.jobs = jobs;
    this.pods = new PodWriter(access, informers.pods(), events);
    this.events = events;
    this.timer = timer;
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    this.orphans = new ControllerRunner<>(NAME, PARALLELISM, this::releaseOrphan, timer);
    jobs.listen(this::onJob);
    informers.pods().listen(change -> onPod(change.object()));
  }

  @Override
  public void start() {
    runner.start();
    orphans.start();
  }

  @Override
  public void close() {
    runner.close();
    orphans.close();
  }

  private void onJob(Informer.Change change) {
    ObjectKey key = ObjectKey.of(change.object());
    runner.enqueue(key);
    if (change instanceof Informer.Change.Removed) {
      // Its pods are looked at on the runner's thread: here the lock of the jobs is held.
      orphans.enqueue(key);
    }
  }

  private void onPod(Obj pod) {
    Meta meta = Meta.of(pod);
    Optional<OwnerReference> owner = meta.controller().filter(each -> each.kind().equals("Job"));
    if (owner.isPresent()) {
      ObjectKey key = new ObjectKey(meta.namespace(), owner.get().name());
      boolean there =
          jobs.get(key).filter(each -> Meta.of(each).uid().equals(owner.get().uid())).isPresent();
      (there ? runner : orphans).enqueue(key);
    } else if (meta.finalizers().contains(JobPod.FINALIZER)) {
      orphans.enqueue(new ObjectKey(meta.namespace(), ""));
    }
  }

  /** Pods whose job is gone count for nobody: nothing is to hold on to them. */
  private Outcome releaseOrphan(ObjectKey owner) {
    for (Obj each : informers.podsIn(owner.namespace())) {
      JobPod pod = JobPod.of(each);
      Optional<OwnerReference> controller = pod.pod().meta().controller();
      boolean gone =
          controller.isEmpty()
              || controller.get().kind().equals("Job")
                  && jobs.get(new ObjectKey(owner.namespace(), controller.get().name()))
                      .filter(job -> Meta.of(job).uid().equals(controller.get().uid()))
                      .isEmpty();
      if (pod.isTracked() && gone) {
        pods.update(pod.released());
      }
    }
    return Outcome.DONE;
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<JobView> found = jobs.get(key).map(JobView::new);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    JobView job = found.get();
    if (job.isManagedElsewhere()) {
      return expiry(job).map(Outcome::after).orElse(Outcome.DONE);
    }
    claim(job);
    JobPlan plan = JobPlan.plan(job, informers.podsOf(job.meta().uid()), timer.instant());
    if (informers.isTerminating(key.namespace())) {
      Parallel.forEach(plan.release(), pods::update);
      return Outcome.DONE; // nothing can be made there, and what is there goes
    }
    apply(job, plan);
    Optional<Duration> wait = expiry(job).or(plan::recheck);
    return wait.map(Outcome::after).orElse(Outcome.DONE);
  }

  private void claim(JobView job) {
    Claim claim =
        Claim.of(
            job.tree(),
            job.selector(),
            informers.podsOf(job.meta().uid()),
            informers.orphanPods(job.meta().namespace()));
    Parallel.forEach(claim.adopted(), pods::update);
    Parallel.forEach(claim.released(), each -> pods.update(JobPod.of(each).released()));
  }

  /** The status first: what it counts may go then, and only then. */
  private void apply(JobView job, JobPlan plan) {
    if (!plan.status().equals(job.status())) {
      jobs.wrote(access.updateStatus(GroupResource.JOBS, job.tree().with("status", plan.status())));
      tell(job, plan.status());
    }
    Parallel.forEach(plan.release(), pods::update);
    Parallel.forEach(plan.drop(), each -> drop(job, each));
    Parallel.forEach(plan.kill(), each -> drop(job, each));
    PodWriter.inGrowingBatches(plan.create(), each -> pods.create(job.tree(), each));
  }

  private void drop(JobView job, Obj pod) {
    pods.update(pod);
    pods.delete(job.tree(), pod);
  }

  private void tell(JobView before, Obj status) {
    JobView now = new JobView(before.tree().with("status", status));
    if (now.has(JobView.COMPLETE)) {
      events.record(EventNote.normal(now.tree(), "Completed", "Job completed"));
    }
    Condition.find(now.tree(), JobView.FAILED)
        .filter(Condition::isTrue)
        .ifPresent(
            each -> events.record(EventNote.warning(now.tree(), each.reason(), each.message())));
    if (now.has(JobStatus.SUSPENDED) != before.has(JobStatus.SUSPENDED)) {
      events.record(
          now.has(JobStatus.SUSPENDED)
              ? EventNote.normal(now.tree(), "Suspended", "Job suspended")
              : EventNote.normal(now.tree(), "Resumed", "Job resumed"));
    }
  }

  /** Deletes a job whose time after its end is over; else when that will be. */
  private Optional<Duration> expiry(JobView job) {
    OptionalLong ttl = job.ttlSecondsAfterFinished();
    if (ttl.isEmpty() || job.finished().isEmpty() || job.meta().isTerminating()) {
      return Optional.empty();
    }
    Instant end = job.finished().get().lastTransitionTime().orElse(timer.instant());
    Duration left = Duration.between(timer.instant(), end.plusSeconds(ttl.getAsLong()));
    if (left.isPositive()) {
      return Optional.of(left);
    }
    try {
      jobs.deletedByUs(
          access.delete(
              GroupResource.JOBS,
              job.key(),
              new DeleteOptions(
                  OptionalLong.empty(),
                  Optional.of(DeleteOptions.Propagation.FOREGROUND),
                  job.meta().uid(),
                  "",
                  false)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
    return Optional.empty();
  }
}
