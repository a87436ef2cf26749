package dev.wherry.master.controllers.scheduler;

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
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;

/** Writes what the scheduler decided into objects and events. Blocks; thread-safe. */
final class Verdicts {
  private static final String GATED = "SchedulingGated";
  private static final String GATED_MESSAGE =
      "Scheduling is blocked due to non-empty scheduling gates";

  private final ObjectAccess access;
  private final Informer pods;
  private final EventSink.Recorder events;
  private final Timer timer;

  Verdicts(ObjectAccess access, Informer pods, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.pods = pods;
    this.events = events;
    this.timer = timer;
  }

  /** Throws a StatusException where the pod is gone, bound already, or cannot be bound. */
  void bind(PodView pod, NodeName node) {
    Obj binding =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Binding",
            "metadata",
            Obj.of(
                "namespace",
                pod.key().namespace(),
                "name",
                pod.key().name(),
                "uid",
                pod.meta().uid()),
            "target",
            Obj.of("apiVersion", "v1", "kind", "Node", "name", node.text()));
    access.create(GroupResource.PODS, pod.key(), "binding", binding, WriteOptions.DEFAULT);
    tellBound(pod, node);
  }

  /** Whether the pod is on the node, as the registry has it now. */
  boolean isBound(PodView pod, NodeName node) {
    try {
      PodView now = new PodView(access.get(GroupResource.PODS, pod.key()));
      return now.uid().equals(pod.uid()) && now.nodeName().equals(node.text());
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  void tellBound(PodView pod, NodeName node) {
    events.record(
        EventNote.normal(
            pod.tree(), "Scheduled", "Successfully assigned " + pod.key() + " to " + node));
  }

  /**
   * Says once why the pod has no node; {@code nominated} is empty or the node that it waits for.
   */
  void refuse(PodView pod, String message, String nominated) {
    boolean said = says(pod, "Unschedulable", message);
    if (said && pod.status().string("nominatedNodeName").equals(nominated)) {
      return;
    }
    if (!said) {
      events.record(EventNote.warning(pod.tree(), "FailedScheduling", message));
    }
    Obj status = scheduledFalse(pod, "Unschedulable", message);
    write(
        pod,
        nominated.isEmpty()
            ? status.without("nominatedNodeName")
            : status.with("nominatedNodeName", nominated));
  }

  /** Says that a pod which had a node did not get there; it is tried again. */
  void fail(PodView pod, String message) {
    events.record(EventNote.warning(pod.tree(), "FailedScheduling", message));
    PodView now = pods.get(pod.key()).map(PodView::new).orElse(pod);
    if (now.uid().equals(pod.uid())) {
      write(now, scheduledFalse(now, "SchedulerError", message));
    }
  }

  void hold(PodView pod) {
    if (!says(pod, GATED, GATED_MESSAGE)) {
      write(pod, scheduledFalse(pod, GATED, GATED_MESSAGE));
    }
  }

  private static boolean says(PodView pod, String reason, String message) {
    return pod.condition(PodView.POD_SCHEDULED)
        .filter(each -> each.reason().equals(reason) && each.message().equals(message))
        .isPresent();
  }

  private Obj scheduledFalse(PodView pod, String reason, String message) {
    List<Obj> conditions =
        Condition.set(
            pod.status().objs("conditions"),
            Condition.of(PodView.POD_SCHEDULED, Condition.FALSE, reason, message, timer.instant()));
    return pod.status().with("conditions", conditions);
  }

  /** The pod no longer waits for its node. */
  void denominate(PodView pod) {
    if (pod.status().has("nominatedNodeName")) {
      write(pod, pod.status().without("nominatedNodeName"));
    }
  }

  /** Has the victim make room, in its own time, and says for whom. */
  void evict(PodView victim, PodView preemptor, NodeName node) {
    if (victim.isTerminating()) {
      return;
    }
    List<Obj> conditions =
        Condition.set(
            victim.status().objs("conditions"),
            Condition.of(
                "DisruptionTarget",
                Condition.TRUE,
                "PreemptionByScheduler",
                SchedulerController.NAME + ": preempting to accommodate a higher priority pod",
                timer.instant()));
    try {
      write(victim, victim.status().with("conditions", conditions));
      pods.deletedByUs(access.delete(GroupResource.PODS, victim.key(), withUid(victim)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
    events.record(
        EventNote.normal(
            victim.tree(),
            "Preempted",
            "Preempted by pod " + preemptor.meta().uid() + " on node " + node));
  }

  private static dev.wherry.master.registry.DeleteOptions withUid(PodView pod) {
    return dev.wherry.master.registry.DeleteOptions.DEFAULT.withUid(pod.meta().uid());
  }

  private void write(PodView pod, Obj status) {
    try {
      pods.wrote(access.updateStatus(GroupResource.PODS, pod.tree().with("status", status)));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
