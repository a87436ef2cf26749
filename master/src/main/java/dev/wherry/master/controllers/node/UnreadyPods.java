package dev.wherry.master.controllers.node;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pods on a node that is not ready are not ready either: services must not send anybody to them. A
 * node that speaks again says anew how its pods are; should it have been the master that did not
 * hear, what was ready here before is ready again. Thread-safe.
 */
final class UnreadyPods {
  private final ObjectAccess access;
  private final SharedInformers informers;
  private final EventSink.Recorder events;
  private final Timer timer;

  /** By the pod's uid; as many as pods on nodes that are not ready. */
  private final Map<NodeName, Map<String, Marked>> before = new ConcurrentHashMap<>();

  /** The condition as it was, and as it was stored for what was written here. */
  private record Marked(Condition was, Condition stored) {}

  UnreadyPods(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.events = events;
    this.timer = timer;
  }

  void mark(NodeName node) {
    List<PodView> ready = pods(node).stream().filter(PodView::isReady).toList();
    Parallel.forEach(ready, pod -> mark(node, pod));
  }

  private List<PodView> pods(NodeName node) {
    return informers.podsOn(node.text()).stream().map(PodView::new).toList();
  }

  private void mark(NodeName node, PodView pod) {
    Condition was = pod.condition(PodView.READY).orElseThrow();
    Condition unready =
        Condition.of(PodView.READY, Condition.FALSE, was.reason(), was.message(), timer.instant());
    write(pod, unready)
        .flatMap(stored -> stored.condition(PodView.READY))
        .ifPresent(stored -> remember(node, pod, new Marked(was, stored)));
    events.record(EventNote.warning(pod.tree(), "NodeNotReady", "Node is not ready"));
  }

  private void remember(NodeName node, PodView pod, Marked marked) {
    before.computeIfAbsent(node, _ -> new ConcurrentHashMap<>()).put(pod.meta().uid(), marked);
  }

  void restore(NodeName node) {
    Map<String, Marked> marked = before.get(node);
    if (marked == null) {
      return;
    }
    for (PodView pod : pods(node)) {
      Optional.ofNullable(marked.get(pod.meta().uid()))
          .filter(each -> pod.condition(PodView.READY).filter(each.stored()::equals).isPresent())
          .filter(_ -> !pod.isFinished() && !pod.isTerminating())
          .ifPresent(each -> write(pod, each.was()));
    }
    before.remove(node); // not before all is written: the next try needs it
  }

  void forget(NodeName node) {
    before.remove(node);
  }

  /**
   * The pod as it is stored then; nothing where it has gone.
   *
   * @throws StatusException CONFLICT where somebody else wrote it meanwhile: it is looked at again
   */
  private Optional<PodView> write(PodView pod, Condition ready) {
    Obj status =
        pod.status().with("conditions", Condition.set(pod.status().objs("conditions"), ready));
    try {
      Obj stored = access.updateStatus(GroupResource.PODS, pod.tree().with("status", status));
      informers.pods().wrote(stored);
      return Optional.of(new PodView(stored));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
