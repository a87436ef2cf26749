package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Binds pods to nodes. Decisions are made one after another on {@link Placements}, the most
 * important pod first; the bindings that follow from them are written side by side. A pod that fits
 * nowhere waits for a change that may help it. A binding whose outcome is unknown is tried again,
 * and the registry refuses a second one: a pod is bound once. Thread-safe.
 */
public final class SchedulerController implements Controller {
  public static final String NAME = "default-scheduler";

  private static final int BINDINGS = 64;
  private static final String TURN = "decide";

  /** For how long a pod's place is kept while volumes are made (Kubernetes: bindTimeoutSeconds). */
  private static final Duration VOLUME_TIMEOUT = Duration.ofMinutes(10);

  private static final String VOLUMES_LATE =
      "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded";

  private final SharedInformers informers;
  private final PodVolumes volumes;
  private final Supplier<List<DisruptionBudget>> budgets;
  private final Timer timer;
  private final Verdicts verdicts;
  private final Placements placements;
  private final SchedulingQueue queue;
  private final ControllerRunner<String> decider;
  private final ControllerRunner<ObjectKey> binder;

  /** Pods on their way to a node; as many as bindings that wait. */
  private final Map<ObjectKey, Assigned> assigned = new ConcurrentHashMap<>();

  private record Assigned(PodView pod, NodeName node, long sinceNanos) {}

  public SchedulerController(
      ObjectAccess access,
      SharedInformers informers,
      PodVolumes volumes,
      Supplier<List<DisruptionBudget>> budgets,
      EventSink.Recorder events,
      Timer timer) {
    this.informers = informers;
    this.volumes = volumes;
    this.budgets = budgets;
    this.timer = timer;
    this.verdicts = new Verdicts(access, informers.pods(), events, timer);
    this.placements = new Placements(volumes);
    this.decider = new ControllerRunner<>("scheduler", 1, _ -> decideAll(), timer);
    this.binder = new ControllerRunner<>("binder", BINDINGS, this::bind, timer);
    this.queue = new SchedulingQueue(timer, () -> decider.enqueue(TURN));
    informers.namespaces().listen(this::onNamespace);
    informers.nodes().listen(this::onNode);
    informers.pods().listen(this::onPod);
  }

  @Override
  public void start() {
    binder.start();
    decider.start();
  }

  @Override
  public void close() {
    decider.close();
    binder.close();
  }

  /** A claim, a volume or a class has changed. */
  public void onVolumeChange() {
    queue.wake(Wake.VOLUME);
    assigned.forEach(
        (key, each) -> {
          if (!each.pod().volumes().isEmpty()) {
            binder.enqueue(key);
          }
        });
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
      assigned.remove(pod.key());
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
    } catch (RuntimeException e) {
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
      case Decision.Placed(NodeName node, int _) -> {
        assigned.put(pod.key(), new Assigned(pod, node, timer.nanos()));
        binder.enqueue(pod.key());
      }
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

  private Outcome bind(ObjectKey key) {
    Assigned each = assigned.get(key);
    if (each == null) {
      return Outcome.DONE;
    }
    try {
      return bind(each);
    } catch (StatusException e) {
      switch (e.reason()) {
        case CONFLICT -> conflicted(each);
        case NOT_FOUND -> giveUp(each);
        case INTERNAL_ERROR, TIMEOUT, SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS ->
            throw e; // it may have arrived: the place stays taken, and the same is tried again
        default -> {
          giveUp(each);
          throw e;
        }
      }
    }
    return Outcome.DONE;
  }

  private Outcome bind(Assigned each) {
    switch (volumes.bind(each.pod(), each.node())) {
      case WAITING -> {
        Duration left = VOLUME_TIMEOUT.minusNanos(timer.nanos() - each.sinceNanos());
        if (left.isPositive()) {
          return Outcome.after(left);
        }
        verdicts.fail(each.pod(), VOLUMES_LATE);
        giveUp(each);
      }
      case LOST -> giveUp(each);
      case BOUND -> {
        verdicts.bind(each.pod(), each.node());
        settle(each);
      }
    }
    return Outcome.DONE;
  }

  private void settle(Assigned each) {
    assigned.remove(each.pod().key(), each);
    queue.remove(each.pod().key());
  }

  /** Something changed in between, or a binding before this one has arrived all the same. */
  private void conflicted(Assigned each) {
    if (verdicts.isBound(each.pod(), each.node())) {
      verdicts.tellBound(each.pod(), each.node());
      settle(each); // the place is confirmed when the watch brings the pod
    } else {
      giveUp(each);
    }
  }

  private void giveUp(Assigned each) {
    assigned.remove(each.pod().key(), each);
    placements.giveUp(each.pod());
    queue.failed(each.pod().key());
  }
}
