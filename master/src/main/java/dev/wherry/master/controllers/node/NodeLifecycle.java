package dev.wherry.master.controllers.node;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.pod.DisruptedPods;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Marks nodes of which nothing is heard, taints nodes by their conditions, and deletes pods that do
 * not bear a taint any longer. A node that speaks again gets back the conditions that its silence
 * took. After a start every node is given the whole grace period. Nodes are emptied one after
 * another, as {@link Disruption} says; while no node at all is ready nobody is driven out: it is
 * rather the master that is cut off. Thread-safe.
 */
public final class NodeLifecycle implements Controller, Reconciler<NodeName> {
  private static final int PARALLELISM = 2;

  /** The last sign of a node and when, by the monotonic clock, it was first looked at. */
  private record Sign(Optional<Instant> seen, long sinceNanos) {}

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final NodeSigns signs;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final ControllerRunner<NodeName> runner;
  private final Map<NodeName, Sign> lastSigns = new ConcurrentHashMap<>(); // as many as nodes
  private final Map<NodeName, List<Obj>> silenced = new ConcurrentHashMap<>(); // as many as nodes
  private final NodeMonitoring monitoring;
  private final Duration checkInterval;
  private final EvictionPace pace = new EvictionPace();
  private final UnreadyPods unreadyPods;

  public NodeLifecycle(
      ObjectAccess access,
      SharedInformers informers,
      NodeSigns signs,
      EventSink.Recorder events,
      Timer timer,
      NodeMonitoring monitoring) {
    this.monitoring = monitoring;
    this.checkInterval = monitoring.grace().dividedBy(5);
    this.unreadyPods = new UnreadyPods(access, informers, events, timer);
    this.access = access;
    this.informers = informers;
    this.signs = signs;
    this.events = events;
    this.timer = timer;
    this.runner = new ControllerRunner<>("node-lifecycle", PARALLELISM, this, timer);
    informers.nodes().listen(this::onNode);
    informers.pods().listen(this::onPod);
  }

  private void onNode(Informer.Change change) {
    NodeName name = new NodeView(change.object()).name();
    switch (change) {
      case Informer.Change.Added(Obj node) -> {
        tell(node, "RegisteredNode", "Registered Node " + name + " in Controller");
        runner.enqueue(name);
      }
      case Informer.Change.Modified _ -> runner.enqueue(name);
      case Informer.Change.Removed(Obj node) -> {
        tell(node, "RemovingNode", "Removing Node " + name + " from Controller");
        lastSigns.remove(name);
        silenced.remove(name);
        unreadyPods.forget(name);
      }
    }
  }

  private void tell(Obj node, String reason, String what) {
    String of = "Node " + Meta.of(node).name() + " event: ";
    events.record(EventNote.normal(node, reason, of + what));
  }

  private void onPod(Informer.Change change) {
    String node = new PodView(change.object()).nodeName();
    boolean bound =
        change instanceof Informer.Change.Added
            || change instanceof Informer.Change.Modified(var _, var before)
                && new PodView(before).nodeName().isEmpty();
    if (bound && !node.isEmpty()) {
      runner.enqueue(new NodeName(node));
    }
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(NodeName name) {
    Optional<NodeView> found = find(name);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    NodeView node = judged(found.get(), isSilent(name));
    NodeView tainted = tainted(node);
    if (node.isReady()) {
      unreadyPods.restore(name);
    } else if (node.condition(NodeView.READY).isPresent()) {
      unreadyPods.mark(name);
    }
    Optional<Duration> next = evict(tainted);
    return Outcome.after(
        next.filter(each -> each.compareTo(checkInterval) < 0).orElse(checkInterval));
  }

  private Optional<NodeView> find(NodeName name) {
    return informers.nodes().get(new ObjectKey("", name.text())).map(NodeView::new);
  }

  private boolean isSilent(NodeName name) {
    Optional<Instant> seen = signs.lastSeen(name);
    long now = timer.nanos();
    Sign sign =
        lastSigns.merge(
            name,
            new Sign(seen, now),
            (before, fresh) -> before.seen().equals(fresh.seen()) ? before : fresh);
    return now - sign.sinceNanos() >= monitoring.grace().toNanos();
  }

  private NodeView judged(NodeView node, boolean silent) {
    if (silent) {
      List<Obj> before = node.tree().obj("status").objs("conditions");
      List<Obj> conditions = NodePlan.silenced(node, timer.instant());
      if (conditions.equals(before)) {
        return node;
      }
      silenced.put(node.name(), List.copyOf(before));
      events.record(
          EventNote.normal(
              node.tree(), "NodeNotReady", "Node " + node.name() + " status is now: NodeNotReady"));
      return withConditions(node, conditions);
    }
    List<Obj> held = silenced.get(node.name());
    boolean ours =
        node.condition(NodeView.READY)
            .filter(ready -> ready.status().equals(Condition.UNKNOWN))
            .isPresent();
    NodeView restored = held != null && ours ? withConditions(node, held) : node;
    silenced.remove(node.name()); // not before it is written: the next try needs it
    return restored;
  }

  private NodeView withConditions(NodeView node, List<Obj> conditions) {
    Obj written =
        access.updateStatus(
            GroupResource.NODES, node.tree().withAt(conditions, "status", "conditions"));
    informers.nodes().wrote(written);
    return new NodeView(written);
  }

  private NodePlan.Driving driving(NodeView node) {
    if (node.isReady()) {
      return NodePlan.Driving.NEVER;
    }
    List<NodeView> all = all();
    if (Disruption.isTotal(all)) {
      return NodePlan.Driving.NEVER;
    }
    if (NodePlan.isDriven(node)) {
      return NodePlan.Driving.NOW;
    }
    boolean isTurn =
        node.condition(NodeView.READY).isPresent()
            && pace.take(
                Disruption.zone(node),
                Disruption.evictionsPerSecond(node, all, monitoring),
                timer.nanos());
    return isTurn ? NodePlan.Driving.NOW : NodePlan.Driving.LATER;
  }

  private List<NodeView> all() {
    return informers.nodes().all().stream().map(NodeView::new).toList();
  }

  private NodeView tainted(NodeView node) {
    List<Taint> taints = NodePlan.taints(node, driving(node), timer.instant());
    if (taints.equals(node.taints())) {
      return node;
    }
    List<Obj> trees = taints.stream().map(Taint::tree).toList();
    Obj spec = node.tree().obj("spec");
    Obj written =
        access.update(
            GroupResource.NODES,
            node.tree()
                .with(
                    "spec", trees.isEmpty() ? spec.without("taints") : spec.with("taints", trees)));
    informers.nodes().wrote(written);
    return new NodeView(written);
  }

  /** Deletes the pods whose time is over; when the next one's is. */
  private Optional<Duration> evict(NodeView node) {
    List<PodView> pods = informers.podsOn(node.name().text()).stream().map(PodView::new).toList();
    Evictions evictions = Evictions.of(node.taints(), pods, timer.instant());
    boolean held =
        !evictions.due().isEmpty() && !node.isReady() && Disruption.holds(node, all(), monitoring);
    if (!held) {
      Parallel.forEach(evictions.due(), this::evict);
    }
    return evictions.next();
  }

  private void evict(PodView pod) {
    events.record(
        EventNote.normal(
            pod.tree(), "TaintManagerEviction", "Marking for deletion Pod " + pod.key()));
    DisruptedPods.delete(
        access,
        informers.pods(),
        pod,
        Condition.of(
            DisruptedPods.DISRUPTION_TARGET,
            Condition.TRUE,
            "DeletionByTaintManager",
            "Taint manager: deleting due to NoExecute taint",
            timer.instant()),
        DeleteOptions.DEFAULT);
  }
}
