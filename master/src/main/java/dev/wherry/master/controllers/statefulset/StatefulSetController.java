package dev.wherry.master.controllers.statefulset;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.Claim;
import dev.wherry.master.controllers.workload.PodWriter;
import dev.wherry.master.controllers.workload.RevisionWriter;
import dev.wherry.master.controllers.workload.Revisions;
import dev.wherry.master.controllers.workload.StatusWriter;
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

/** Makes, renews and deletes the pods and claims of stateful sets. Thread-safe. */
public final class StatefulSetController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "statefulset-controller";
  private static final int PARALLELISM = 3;

  /** While a claim that is going has to be gone before a pod can be made. */
  private static final Duration CLAIM_RECHECK = Duration.ofSeconds(1);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer sets;
  private final Informer claims;
  private final RevisionWriter history;
  private final PodWriter pods;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final StatusWriter statuses;
  private final ControllerRunner<ObjectKey> runner;

  public StatefulSetController(
      ObjectAccess access,
      SharedInformers informers,
      Informer sets,
      OwnedObjects revisions,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.sets = sets;
    this.claims = informers.persistentVolumeClaims();
    this.history = new RevisionWriter(access, revisions, Revisions.STATEFUL_SET_HASH_LABEL);
    this.pods = new PodWriter(access, informers.pods(), EventSink.Recorder.SILENT);
    this.events = events;
    this.timer = timer;
    this.statuses = new StatusWriter(access, sets, timer);
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    sets.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
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

  private void onPod(Meta pod) {
    Optional<OwnerReference> owner = pod.controller();
    if (owner.isPresent()) {
      if (owner.get().kind().equals("StatefulSet")) {
        runner.enqueue(new ObjectKey(pod.namespace(), owner.get().name()));
      }
      return;
    }
    int dash = pod.name().lastIndexOf('-');
    if (dash > 0) {
      ObjectKey key = new ObjectKey(pod.namespace(), pod.name().substring(0, dash));
      sets.get(key).ifPresent(_ -> runner.enqueue(key));
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<StatefulSetView> found = sets.get(key).map(StatefulSetView::new);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    StatefulSetView set = found.get();
    claim(set);
    long collisions = set.status().number("collisionCount", 0);
    Optional<Revisions> revisions = history.ensure(set.tree(), collisions);
    if (revisions.isEmpty()) {
      statuses.write(set.tree(), set.status().with("collisionCount", collisions + 1));
      return Outcome.DONE;
    }
    StatefulSetPlan plan =
        StatefulSetPlan.plan(set, owned(set), claims::get, revisions.get(), timer.instant());
    try {
      apply(set, plan);
    } catch (StatusException e) {
      report(set, revisions.get());
      throw e;
    }
    clean(set, revisions.get());
    Outcome outcome = report(set, revisions.get());
    return plan.waits() ? Outcome.after(CLAIM_RECHECK) : outcome;
  }

  private List<Obj> owned(StatefulSetView set) {
    return informers.podsOf(set.meta().uid());
  }

  private void claim(StatefulSetView set) {
    List<Obj> orphans =
        informers.orphanPods(set.meta().namespace()).stream()
            .filter(each -> Identity.ordinal(set, each).isPresent())
            .toList();
    Claim claim = Claim.of(set.tree(), set.selector(), owned(set), orphans);
    Parallel.forEach(claim.adopted(), pods::update);
    Parallel.forEach(claim.released(), pods::update);
  }

  private void apply(StatefulSetView set, StatefulSetPlan plan) {
    Parallel.forEach(plan.claims(), each -> makeClaim(set, each));
    Parallel.forEach(
        plan.owned(),
        each -> claims.wrote(access.update(GroupResource.PERSISTENT_VOLUME_CLAIMS, each)));
    Parallel.forEach(plan.update(), pods::update);
    PodWriter.inGrowingBatches(plan.create(), each -> make(set, each));
    Parallel.forEach(plan.delete(), each -> delete(set, each));
  }

  private void makeClaim(StatefulSetView set, Obj claim) {
    String what =
        "Claim "
            + Meta.of(claim).name()
            + " Pod "
            + podOf(set, Meta.of(claim).name())
            + " in StatefulSet "
            + set.meta().name();
    try {
      claims.wrote(access.create(GroupResource.PERSISTENT_VOLUME_CLAIMS, claim));
      events.record(
          EventNote.normal(set.tree(), "SuccessfulCreate", "create " + what + " success"));
    } catch (StatusException e) {
      if (e.reason() == Reason.ALREADY_EXISTS) {
        return; // its event is on its way
      }
      events.record(
          EventNote.warning(
              set.tree(), "FailedCreate", "create " + what + " failed error: " + e.getMessage()));
      throw e;
    }
  }

  private static String podOf(StatefulSetView set, String claim) {
    return claim.substring(claim.lastIndexOf(set.meta().name() + "-"));
  }

  private void make(StatefulSetView set, Obj pod) {
    String what = "create Pod " + Meta.of(pod).name() + " in StatefulSet " + set.meta().name();
    try {
      pods.create(set.tree(), pod);
      events.record(EventNote.normal(set.tree(), "SuccessfulCreate", what + " successful"));
    } catch (StatusException e) {
      events.record(
          EventNote.warning(set.tree(), "FailedCreate", what + " failed error: " + e.getMessage()));
      throw e;
    }
  }

  private void delete(StatefulSetView set, Obj pod) {
    PodView doomed = new PodView(pod);
    switch (doomed.phase()) {
      case "Failed" ->
          events.record(
              EventNote.warning(set.tree(), "RecreatingFailedPod", recreating(set, pod, "failed")));
      case "Succeeded" ->
          events.record(
              EventNote.normal(
                  set.tree(), "RecreatingTerminatedPod", recreating(set, pod, "terminated")));
      default -> {} // it is told below
    }
    String what = "delete Pod " + doomed.meta().name() + " in StatefulSet " + set.meta().name();
    try {
      pods.remove(pod);
    } catch (StatusException e) {
      events.record(
          EventNote.warning(set.tree(), "FailedDelete", what + " failed error: " + e.getMessage()));
      throw e;
    }
    events.record(EventNote.normal(set.tree(), "SuccessfulDelete", what + " successful"));
  }

  private static String recreating(StatefulSetView set, Obj pod, String how) {
    return "StatefulSet " + set.key() + " is recreating " + how + " Pod " + Meta.of(pod).name();
  }

  /** Removes revisions that no pod has and that the history has no room for. */
  private void clean(StatefulSetView set, Revisions revisions) {
    Set<String> inUse = new HashSet<>();
    inUse.add(set.status().string("currentRevision"));
    owned(set).forEach(each -> inUse.add(Meta.of(each).labels().getOrDefault(Revisions.HASH, "")));
    revisions.pastLimit(inUse, set.revisionHistoryLimit()).forEach(history::delete);
  }

  private Outcome report(StatefulSetView set, Revisions revisions) {
    StatefulSetStatus status = StatefulSetStatus.of(set, owned(set), revisions, timer.instant());
    if (status.settled()) {
      statuses.reportAtOnce(set.tree(), status.tree());
      return Outcome.DONE;
    }
    return StatusWriter.sooner(statuses.report(set.tree(), status.tree()), status.recheck());
  }
}
