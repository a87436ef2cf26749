package dev.wherry.master.controllers.replicaset;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.PodCount;
import dev.wherry.master.controllers.workload.PodTemplate;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.StatusPace;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes and deletes the pods of replica sets. Thread-safe. */
public final class ReplicaSetController implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 3;

  /** Pods of a set are made in growing batches: what is refused is refused a few times only. */
  private static final int FIRST_BATCH = 5;

  private static final int BATCH_GROWTH = 4;
  private static final Duration STATUS_INTERVAL = Duration.ofMillis(250);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final StatusPace<ObjectKey> pace;
  private final ControllerRunner<ObjectKey> runner;

  public ReplicaSetController(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.events = events;
    this.timer = timer;
    this.pace = new StatusPace<>(timer, STATUS_INTERVAL);
    this.runner = new ControllerRunner<>("replicaset-controller", PARALLELISM, this, timer);
    informers.replicaSets().listen(change -> runner.enqueue(ObjectKey.of(change.object())));
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
      if (owner.get().kind().equals("ReplicaSet")) {
        runner.enqueue(new ObjectKey(meta.namespace(), owner.get().name()));
      }
    } else if (!meta.labels().isEmpty()) {
      enqueueAdopters(meta);
    }
  }

  private void enqueueAdopters(Meta orphan) {
    for (Obj each : informers.replicaSets().all()) {
      ReplicaSetView set = new ReplicaSetView(each);
      if (set.meta().namespace().equals(orphan.namespace())
          && set.selector().matches(orphan.labels())) {
        runner.enqueue(set.key());
      }
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<ReplicaSetView> found = informers.replicaSets().get(key).map(ReplicaSetView::new);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    ReplicaSetView set = found.get();
    ReplicaSetPlan plan =
        ReplicaSetPlan.plan(
            set, informers.podsOf(set.meta().uid()), informers.orphanPods(key.namespace()));
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
    Parallel.forEach(plan.adopt(), this::write);
    Parallel.forEach(plan.release(), this::write);
    Obj pod = PodTemplate.podOf(set.template(), set.tree());
    int batch = FIRST_BATCH;
    for (int left = plan.create(); left > 0; batch *= BATCH_GROWTH) {
      int size = Math.min(batch, left);
      Parallel.forEach(Collections.nCopies(size, pod), each -> create(set, each));
      left -= size;
    }
    Parallel.forEach(plan.delete(), doomed -> delete(set, doomed));
  }

  private void write(Obj pod) {
    try {
      informers.pods().wrote(access.update(GroupResource.PODS, pod));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  private void create(ReplicaSetView set, Obj pod) {
    try {
      Obj created = access.create(GroupResource.PODS, pod);
      informers.pods().wrote(created);
      events.record(
          EventNote.normal(
              set.tree(), "SuccessfulCreate", "Created pod: " + Meta.of(created).name()));
    } catch (StatusException e) {
      events.record(
          EventNote.warning(set.tree(), "FailedCreate", "Error creating: " + e.getMessage()));
      throw e;
    }
  }

  private void delete(ReplicaSetView set, PodView pod) {
    try {
      Obj last =
          access.delete(
              GroupResource.PODS, pod.key(), DeleteOptions.DEFAULT.withUid(pod.meta().uid()));
      informers.pods().deletedByUs(last);
      events.record(
          EventNote.normal(set.tree(), "SuccessfulDelete", "Deleted pod: " + pod.meta().name()));
    } catch (StatusException e) {
      // A conflict is another pod of the name: ours is gone.
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        events.record(
            EventNote.warning(set.tree(), "FailedDelete", "Error deleting: " + e.getMessage()));
        throw e;
      }
    }
  }

  private Outcome report(ReplicaSetView set, Optional<Map.Entry<String, String>> failure) {
    List<Obj> pods = informers.podsOf(set.meta().uid());
    PodCount count = PodCount.of(pods, set.minReadySeconds(), timer.instant());
    Outcome outcome = count.nextAvailable().map(Outcome::after).orElse(Outcome.DONE);
    Obj status = ReplicaSetStatus.of(set, pods, count, failure, timer.instant());
    if (status.equals(set.status())) {
      return outcome;
    }
    boolean complete = count.active() == set.replicas() && count.available() == set.replicas();
    boolean urgent = complete || set.observedGeneration() != set.meta().generation();
    Duration left = pace.left(set.key());
    if (!urgent && left.isPositive()) {
      return Outcome.after(left);
    }
    writeStatus(set, status);
    return outcome;
  }

  private void writeStatus(ReplicaSetView set, Obj status) {
    Obj unconditional =
        set.tree().change("metadata", metadata -> metadata.without("resourceVersion"));
    try {
      pace.wrote(set.key());
      informers
          .replicaSets()
          .wrote(
              access.updateStatus(
                  GroupResource.REPLICA_SETS, unconditional.with("status", status)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
