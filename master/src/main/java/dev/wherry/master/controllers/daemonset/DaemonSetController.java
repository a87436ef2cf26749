package dev.wherry.master.controllers.daemonset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DaemonSetView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.Claim;
import dev.wherry.master.controllers.workload.PodWriter;
import dev.wherry.master.controllers.workload.RevisionWriter;
import dev.wherry.master.controllers.workload.Revisions;
import dev.wherry.master.controllers.workload.StatusWriter;
import dev.wherry.master.reconcile.Backoff;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.OwnedObjects;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes, renews and deletes the pods of daemon sets. Thread-safe. */
public final class DaemonSetController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "daemonset-controller";
  private static final int PARALLELISM = 2;

  private final SharedInformers informers;
  private final Informer sets;
  private final RevisionWriter history;
  private final PodWriter pods;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final StatusWriter statuses;
  private final FailedPods failures;
  private final ControllerRunner<ObjectKey> runner;

  public DaemonSetController(
      ObjectAccess access,
      SharedInformers informers,
      Informer sets,
      OwnedObjects revisions,
      EventSink.Recorder events,
      Timer timer) {
    this.informers = informers;
    this.sets = sets;
    this.history = new RevisionWriter(access, revisions, Revisions.HASH);
    this.pods = new PodWriter(access, informers.pods(), events);
    this.events = events;
    this.timer = timer;
    this.statuses = new StatusWriter(access, sets, timer);
    this.failures = new FailedPods(timer, Backoff.FAILED_DAEMON_POD);
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    sets.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.nodes().listen(this::onNode);
    informers.pods().listen(change -> onPod(Meta.of(change.object())));
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  /** Only labels and taints say where pods belong; heartbeats are no concern. */
  private void onNode(Informer.Change change) {
    if (change instanceof Informer.Change.Modified(var node, var before)
        && node.obj("spec").equals(before.obj("spec"))
        && node.obj("metadata").obj("labels").equals(before.obj("metadata").obj("labels"))) {
      return;
    }
    sets.all().forEach(each -> runner.enqueue(ObjectKey.of(each)));
  }

  private void onPod(Meta pod) {
    Optional<OwnerReference> owner = pod.controller();
    if (owner.isPresent()) {
      if (owner.get().kind().equals("DaemonSet")) {
        runner.enqueue(new ObjectKey(pod.namespace(), owner.get().name()));
      }
    } else if (!pod.labels().isEmpty()) {
      for (Obj each : sets.all()) {
        DaemonSetView set = new DaemonSetView(each);
        if (set.meta().namespace().equals(pod.namespace())
            && set.selector().matches(pod.labels())) {
          runner.enqueue(set.key());
        }
      }
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<DaemonSetView> found = sets.get(key).map(DaemonSetView::new);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    DaemonSetView set = found.get();
    claim(set);
    long collisions = set.status().number("collisionCount", 0);
    Optional<Revisions> revisions = history.ensure(set.tree(), collisions);
    if (revisions.isEmpty()) {
      statuses.write(set.tree(), set.status().with("collisionCount", collisions + 1));
      return Outcome.DONE;
    }
    String hash = Meta.of(revisions.get().update()).labels().getOrDefault(Revisions.HASH, "");
    List<NodeView> nodes = informers.nodes().all().stream().map(NodeView::new).toList();
    DaemonSetPlan plan = DaemonSetPlan.plan(set, nodes, owned(set), hash, timer.instant());
    Optional<Duration> later;
    try {
      later = apply(set, plan, hash);
    } catch (StatusException e) {
      report(set, nodes, hash);
      throw e;
    }
    clean(set, revisions.get());
    return StatusWriter.sooner(later, report(set, nodes, hash));
  }

  private List<Obj> owned(DaemonSetView set) {
    return informers.podsOf(set.meta().uid());
  }

  private void claim(DaemonSetView set) {
    Claim claim =
        Claim.of(
            set.tree(), set.selector(), owned(set), informers.orphanPods(set.meta().namespace()));
    Parallel.forEach(claim.adopted(), pods::update);
    Parallel.forEach(claim.released(), pods::update);
  }

  /** When failed pods that are left for a while are to be replaced. */
  private Optional<Duration> apply(DaemonSetView set, DaemonSetPlan plan, String hash) {
    PodWriter.inGrowingBatches(
        plan.create(), node -> pods.create(set.tree(), DaemonPod.of(set, node.text(), hash)));
    Optional<Duration> later = Optional.empty();
    for (Obj each : plan.delete()) {
      later = StatusWriter.least(later, delete(set, new PodView(each)));
    }
    return later;
  }

  private Optional<Duration> delete(DaemonSetView set, PodView pod) {
    if (pod.phase().equals("Failed")) {
      Optional<Duration> wait =
          failures.wait(set.meta().uid() + "/" + pod.nodeName(), pod.meta().uid());
      if (wait.isPresent()) {
        return wait;
      }
      events.record(
          EventNote.warning(
              set.tree(), "FailedDaemonPod", found("failed", pod) + ", will try to kill it"));
    } else if (pod.isFinished()) {
      events.record(
          EventNote.normal(
              set.tree(),
              "SucceededDaemonPod",
              found("succeeded", pod) + ", will try to delete it"));
    }
    pods.delete(set.tree(), pod.tree());
    return Optional.empty();
  }

  private static String found(String how, PodView pod) {
    return "Found " + how + " daemon pod " + pod.key() + " on node " + pod.nodeName();
  }

  private void clean(DaemonSetView set, Revisions revisions) {
    Set<String> hashes = new HashSet<>();
    owned(set).forEach(each -> hashes.add(Meta.of(each).labels().getOrDefault(Revisions.HASH, "")));
    Set<String> inUse = new HashSet<>();
    for (Obj each : revisions.all()) {
      if (hashes.contains(Meta.of(each).labels().getOrDefault(Revisions.HASH, ""))) {
        inUse.add(Revisions.name(each));
      }
    }
    revisions.pastLimit(inUse, set.revisionHistoryLimit()).forEach(history::delete);
  }

  private Optional<Duration> report(DaemonSetView set, List<NodeView> nodes, String hash) {
    DaemonSetStatus status = DaemonSetStatus.of(set, nodes, owned(set), hash, timer.instant());
    if (status.settled()) {
      statuses.reportAtOnce(set.tree(), status.tree());
      return Optional.empty();
    }
    Optional<Duration> wait = statuses.report(set.tree(), status.tree());
    return wait.isPresent() ? wait : status.recheck();
  }
}
