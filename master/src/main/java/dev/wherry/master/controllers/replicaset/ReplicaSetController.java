package dev.wherry.master.controllers.replicaset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.PodCount;
import dev.wherry.master.controllers.workload.PodTemplate;
import dev.wherry.master.controllers.workload.PodWriter;
import dev.wherry.master.controllers.workload.StatusWriter;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes and deletes the pods of replica sets, or of replication controllers. Thread-safe. */
public final class ReplicaSetController implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 3;

  private final SharedInformers informers;
  private final Informer sets;
  private final SetKind kind;
  private final PodWriter pods;
  private final Timer timer;
  private final StatusWriter statuses;
  private final ControllerRunner<ObjectKey> runner;

  /** {@code sets}: those of the kind. */
  public ReplicaSetController(
      ObjectAccess access,
      SharedInformers informers,
      Informer sets,
      SetKind kind,
      EventSink.Recorder events,
      Timer timer) {
    this.informers = informers;
    this.sets = sets;
    this.kind = kind;
    this.pods = new PodWriter(access, informers.pods(), events);
    this.timer = timer;
    this.statuses = new StatusWriter(access, sets, timer);
    this.runner = new ControllerRunner<>(kind.controller(), PARALLELISM, this, timer);
    sets.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.pods().listen(this::onPod);
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  private void onPod(Informer.Change change) {
    enqueueOwner(change.object());
    if (change instanceof Informer.Change.Modified(var pod, var previous)
        && !pod.obj("metadata")
            .list("ownerReferences")
            .equals(previous.obj("metadata").list("ownerReferences"))) {
      enqueueOwner(previous);
    }
  }

  private void enqueueOwner(Obj pod) {
    Meta meta = Meta.of(pod);
    Optional<OwnerReference> owner = meta.controller();
    if (owner.isPresent()) {
      if (owner.get().kind().equals(kind.kind())) {
        runner.enqueue(new ObjectKey(meta.namespace(), owner.get().name()));
      }
    } else if (!meta.labels().isEmpty()) {
      enqueueAdopters(meta);
    }
  }

  private void enqueueAdopters(Meta orphan) {
    for (Obj each : sets.all()) {
      ReplicaSetView set = kind.view(each);
      if (set.meta().namespace().equals(orphan.namespace())
          && set.selector().matches(orphan.labels())) {
        runner.enqueue(set.key());
      }
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<ReplicaSetView> found = sets.get(key).map(kind::view);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    ReplicaSetView set = found.get();
    ReplicaSetPlan plan =
        ReplicaSetPlan.plan(
            set,
            informers.podsOf(set.meta().uid()),
            informers.orphanPods(key.namespace()),
            timer.instant());
    try {
      apply(set, plan);
    } catch (StatusException e) {
      report(set, Optional.of(Map.entry(failureReason(plan), String.valueOf(e.getMessage()))));
      throw e;
    }
    return report(set, Optional.empty());
  }

  private static String failureReason(ReplicaSetPlan plan) {
    return plan.create() > 0 ? "FailedCreate" : "FailedDelete";
  }

  private void apply(ReplicaSetView set, ReplicaSetPlan plan) {
    Parallel.forEach(plan.adopt(), pods::update);
    Parallel.forEach(plan.release(), pods::update);
    Obj pod = PodTemplate.podOf(set.template(), set.tree());
    PodWriter.inGrowingBatches(
        Collections.nCopies(plan.create(), pod), each -> pods.create(set.tree(), each));
    Parallel.forEach(plan.delete(), doomed -> pods.delete(set.tree(), doomed.tree()));
  }

  private Outcome report(ReplicaSetView set, Optional<Map.Entry<String, String>> failure) {
    List<Obj> owned = informers.podsOf(set.meta().uid());
    PodCount count = PodCount.of(owned, set.minReadySeconds(), timer.instant());
    Obj status = kind.status(ReplicaSetStatus.of(set, owned, count, failure, timer.instant()));
    Obj written = sets.get(set.key()).orElse(set.tree()); // in the words of its kind
    if (count.active() == set.replicas() && count.available() == set.replicas()) {
      statuses.reportAtOnce(written, status);
      return StatusWriter.sooner(Optional.empty(), count.nextAvailable());
    }
    return StatusWriter.sooner(statuses.report(written, status), count.nextAvailable());
  }
}
