package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DeploymentView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.Claim;
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
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes, scales and removes the replica sets of deployments. Thread-safe. */
public final class DeploymentController implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 3;
  private static final Duration STATUS_INTERVAL = Duration.ofMillis(250);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final EventSink.Recorder events;
  private final ReplicaSetWriter writer;
  private final Timer timer;
  private final StatusPace<ObjectKey> pace;
  private final ControllerRunner<ObjectKey> runner;

  public DeploymentController(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.events = events;
    this.writer = new ReplicaSetWriter(access, informers.replicaSets(), events);
    this.timer = timer;
    this.pace = new StatusPace<>(timer, STATUS_INTERVAL);
    this.runner = new ControllerRunner<>("deployment-controller", PARALLELISM, this, timer);
    informers.deployments().listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.replicaSets().listen(this::onReplicaSet);
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

  private void onReplicaSet(Informer.Change change) {
    Meta meta = Meta.of(change.object());
    if (enqueueOwner(meta)) {
      return;
    }
    for (Obj each : informers.deployments().all()) {
      DeploymentView deployment = new DeploymentView(each);
      if (deployment.meta().namespace().equals(meta.namespace())
          && deployment.selector().matches(meta.labels())) {
        runner.enqueue(deployment.key());
      }
    }
  }

  private boolean enqueueOwner(Meta meta) {
    Optional<OwnerReference> owner = meta.controller();
    if (owner.isPresent() && owner.get().kind().equals("Deployment")) {
      runner.enqueue(new ObjectKey(meta.namespace(), owner.get().name()));
    }
    return owner.isPresent();
  }

  /** Pods are counted directly: a rollout's next step does not wait for a replica set's status. */
  private void onPod(Informer.Change change) {
    if (change instanceof Informer.Change.Modified(var now, var before)
        && !PodCount.concerns(now, before)) {
      return;
    }
    Meta meta = Meta.of(change.object());
    meta.controller()
        .filter(owner -> owner.kind().equals("ReplicaSet"))
        .flatMap(
            owner -> informers.replicaSets().get(new ObjectKey(meta.namespace(), owner.name())))
        .ifPresent(set -> enqueueOwner(Meta.of(set)));
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<DeploymentView> found = informers.deployments().get(key).map(DeploymentView::new);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    DeploymentView deployment = found.get();
    List<ObservedSet> sets = observe(deployment);
    long collisions = deployment.status().number("collisionCount", 0);
    DeploymentPlan plan = DeploymentPlan.plan(deployment, sets, collisions, timer.instant());
    apply(deployment, plan);
    return report(deployment, plan);
  }

  private List<ObservedSet> observe(DeploymentView deployment) {
    Claim claim =
        Claim.of(
            deployment.tree(),
            deployment.selector(),
            informers.replicaSetsOf(deployment.meta().uid()),
            informers.orphanReplicaSets(deployment.meta().namespace()));
    List<Obj> sets = new ArrayList<>(claim.held());
    for (Obj adopted : claim.adopted()) {
      Obj written = access.update(GroupResource.REPLICA_SETS, adopted);
      informers.replicaSets().wrote(written);
      sets.add(written);
    }
    for (Obj released : claim.released()) {
      informers.replicaSets().wrote(access.update(GroupResource.REPLICA_SETS, released));
    }
    return sets.stream().map(ReplicaSetView::new).map(this::observe).toList();
  }

  private ObservedSet observe(ReplicaSetView set) {
    List<Obj> pods = informers.podsOf(set.meta().uid());
    return new ObservedSet(set, PodCount.of(pods, set.minReadySeconds(), timer.instant()));
  }

  private void apply(DeploymentView deployment, DeploymentPlan plan) {
    if (plan.isEmpty()) {
      return;
    }
    List<Runnable> writes = new ArrayList<>();
    plan.create().ifPresent(set -> writes.add(() -> create(deployment, set)));
    plan.changes().forEach(change -> writes.add(() -> writer.change(deployment, change)));
    plan.delete().forEach(key -> writes.add(() -> writer.delete(key)));
    if (!plan.revision().isEmpty()) {
      writes.add(() -> annotate(deployment, plan.revision()));
    }
    Parallel.forEach(writes, Runnable::run);
  }

  private void create(DeploymentView deployment, Obj set) {
    try {
      writer.create(deployment, set);
    } catch (StatusException e) {
      if (e.reason() == Reason.ALREADY_EXISTS) {
        collide(deployment, set);
      } else {
        notMade(deployment, set, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private void notMade(DeploymentView deployment, Obj set, String message) {
    String failure = "Failed to create new replica set \"" + Meta.of(set).name() + "\": " + message;
    events.record(EventNote.warning(deployment.tree(), DeploymentStatus.NOT_MADE, failure));
    Obj failed = DeploymentStatus.notMade(deployment, failure, timer.instant());
    if (!failed.equals(deployment.status())) {
      writeStatus(deployment, failed);
    }
  }

  /** The name is taken: by our own set, whose event is on its way, or by another template's. */
  private void collide(DeploymentView deployment, Obj set) {
    Obj taken = access.get(GroupResource.REPLICA_SETS, ObjectKey.of(set));
    boolean ours =
        Meta.of(taken)
            .controller()
            .filter(owner -> owner.uid().equals(deployment.meta().uid()))
            .isPresent();
    if (ours
        && PodTemplate.areAlike(
            taken.obj("spec").obj("template"), set.obj("spec").obj("template"))) {
      informers.replicaSets().wrote(taken);
      return;
    }
    long collisions = deployment.status().number("collisionCount", 0) + 1;
    writeStatus(deployment, deployment.status().with("collisionCount", collisions));
  }

  private void annotate(DeploymentView deployment, String revision) {
    Obj patch =
        Obj.of(
            "metadata",
            Obj.of(
                "uid",
                deployment.meta().uid(),
                "annotations",
                Obj.of(Annotations.REVISION, revision)));
    // With the status: an annotation written otherwise would count as a new generation.
    informers
        .deployments()
        .wrote(
            access.patch(
                GroupResource.DEPLOYMENTS,
                deployment.key(),
                "status",
                new Patch(Patch.Kind.MERGE, patch),
                WriteOptions.DEFAULT));
  }

  private Outcome report(DeploymentView deployment, DeploymentPlan plan) {
    DeploymentStatus status = plan.status();
    Outcome outcome = status.recheck().map(Outcome::after).orElse(Outcome.DONE);
    if (status.tree().equals(deployment.status())) {
      return outcome;
    }
    boolean urgent =
        status.complete()
            || deployment.status().number("observedGeneration", 0)
                != deployment.meta().generation();
    Duration left = pace.left(deployment.key());
    if (!urgent && left.isPositive()) {
      return Outcome.after(left);
    }
    writeStatus(deployment, status.tree());
    return outcome;
  }

  private void writeStatus(DeploymentView deployment, Obj status) {
    // With the annotations as they are now: a step before this one may have written the revision.
    Obj held = informers.deployments().get(deployment.key()).orElse(deployment.tree());
    Obj unconditional = held.change("metadata", metadata -> metadata.without("resourceVersion"));
    try {
      pace.wrote(deployment.key());
      informers
          .deployments()
          .wrote(
              access.updateStatus(GroupResource.DEPLOYMENTS, unconditional.with("status", status)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
