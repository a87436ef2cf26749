package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler.Outcome;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.scheduling.Decision;
import dev.wherry.master.scheduling.DisruptionBudget;
import dev.wherry.master.scheduling.PodDemand;
import dev.wherry.master.scheduling.PreemptionPlan;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Binds pods to nodes. Decisions are made one after another on {@link Placements}, the most
 * important pod first; the {@link Bindings} that follow from them are written side by side. A pod
 * that fits nowhere waits for a change that may help it. Thread-safe.
 */
public final class SchedulerController implements Controller {
  public static final String NAME = "default-scheduler";

  private static final String TURN = "decide";

  private final SharedInformers informers;
  private final Supplier<List<DisruptionBudget>> budgets;
  private final Verdicts verdicts;
  private final Placements placements;
  private final SchedulingQueue queue;
  private final ControllerRunner<String> decider;
  private final Bindings bindings;

  public SchedulerController(
      ObjectAccess access,
      SharedInformers informers,
      PodVolumes volumes,
      Supplier<List<DisruptionBudget>> budgets,
      EventSink.Recorder events,
      Timer timer) {
    this.informers = informers;
    this.budgets = budgets;
    this.verdicts = new Verdicts(access, informers.pods(), events, timer);
    this.placements = new Placements(volumes);
    this.decider = new ControllerRunner<>("scheduler", 1, _ -> decideAll(), timer);
    this.queue = new SchedulingQueue(timer, () -> decider.enqueue(TURN));
    this.bindings = new Bindings(volumes, verdicts, placements, queue, timer);
    informers.namespaces().listen(this::onNamespace);
    informers.nodes().listen(this::onNode);
    informers.pods().listen(this::onPod);
  }

  @Override
  public void start() {
    bindings.start();
    decider.start();
  }

  @Override
  public void close() {
    decider.close();
    bindings.close();
  }

  /** A claim, a volume or a class has changed. */
  public void onVolumeChange() {
    queue.wake(Wake.VOLUME);
    bindings.onVolumeChange();
  }

  private void onNamespace(Informer.Change change) {
    Meta namespace = Meta.of(change.object());
    if (change instanceof Informer.Change.Removed) {
      placements.forgetNamespace(namespace.name());
    } else {
      placements.observeNamespace(namespace);
      queue.wake(Wake.NAMESPACE);
    }
  }

  private void onNode(Informer.Change change) {
    NodeView node = new NodeView(change.object());
    if (change instanceof Informer.Change.Removed) {
      placements.forget(node.name());
    } else {
      queue.wake(placements.observe(node));
    }
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    if (change instanceof Informer.Change.Removed) {
      queue.remove(pod.key());
      bindings.forget(pod.key());
      if (placements.forget(pod.tree())) {
        queue.wake(Wake.POD_LEFT);
      }
      return;
    }
    queue.wake(placements.observe(pod));
    if (!isOurs(pod)) {
      queue.remove(pod.key());
    } else if (asksAnew(change)) {
      queue.offer(pod.key(), pod.priority());
    }
  }

  private static boolean asksAnew(Informer.Change change) {
    return switch (change) {
      case Informer.Change.Added _ -> true;
      case Informer.Change.Modified(Obj now, Obj before) ->
          !now.obj("spec").equals(before.obj("spec"))
              || !Meta.of(now).labels().equals(Meta.of(before).labels());
      case Informer.Change.Removed _ -> false;
    };
  }

  private static boolean isOurs(PodView pod) {
    return pod.nodeName().isEmpty()
        && pod.schedulerName().equals(NAME)
        && !pod.isTerminating()
        && !pod.isFinished();
  }

  private Outcome decideAll() {
    for (Optional<ObjectKey> key = queue.poll(); key.isPresent(); key = queue.poll()) {
      decide(key.get());
    }
    return Outcome.DONE;
  }

  private void decide(ObjectKey key) {
    Optional<PodView> pod =
        informers.pods().get(key).map(PodView::new).filter(each -> isOurs(each));
    if (pod.isEmpty()) {
      queue.remove(key);
      return;
    }
    try {
      decide(pod.get());
    } catch (RuntimeException | Error e) {
      queue.failed(key);
      throw e;
    }
  }

  private void decide(PodView pod) {
    if (!pod.schedulingGates().isEmpty()) {
      verdicts.hold(pod);
      queue.refused(pod.key(), Set.of());
      return;
    }
    Optional<Decision> decision = placements.place(pod);
    if (decision.isEmpty()) {
      return; // its binding is on its way
    }
    switch (decision.get()) {
      case Decision.Placed(NodeName node, int _) -> bindings.assign(pod, node);
      case Decision.Unschedulable refused -> {
        refuse(pod, refused);
        queue.refused(pod.key(), refused.rejectedBy());
      }
    }
  }

  private void refuse(PodView pod, Decision.Unschedulable refused) {
    PreemptionPlan plan =
        pod.spec().string("preemptionPolicy").equals("Never")
            ? PreemptionPlan.never()
            : placements.preempt(pod, refused, budgets.get());
    switch (plan) {
      case PreemptionPlan.Hopeless(String message) -> {
        String nominated = pod.status().string("nominatedNodeName");
        boolean waits = plan.equals(PreemptionPlan.underWay());
        verdicts.refuse(pod, refused.message() + " " + message, waits ? nominated : "");
      }
      case PreemptionPlan.Evict(NodeName node, List<PodDemand> victims, int _) -> {
        verdicts.refuse(pod, refused.message(), node.text());
        Parallel.forEach(victims, victim -> evict(victim, pod, node));
        placements.outbid(node, pod.priority()).forEach(this::outbid);
      }
    }
  }

  private Optional<PodView> current(PodDemand pod) {
    return informers
        .pods()
        .get(pod.key())
        .map(PodView::new)
        .filter(each -> each.meta().uid().equals(pod.uid()));
  }

  private void evict(PodDemand victim, PodView preemptor, NodeName node) {
    current(victim).ifPresent(each -> verdicts.evict(each, preemptor, node));
  }

  private void outbid(PodDemand pod) {
    current(pod)
        .ifPresent(
            each -> {
              verdicts.denominate(each);
              queue.wake(Wake.POD_LEFT);
            });
  }
}
