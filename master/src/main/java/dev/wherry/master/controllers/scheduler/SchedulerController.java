package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Backoff;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.scheduling.Decision;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Binds pods to nodes. Decisions are made one after another on {@link Placements}; the bindings
 * that follow from them are written side by side. A pod that fits nowhere waits for a change of a
 * node or the end of a pod, with back-off. Thread-safe.
 */
public final class SchedulerController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "default-scheduler";

  private static final int PARALLELISM = 32;

  /** A pod that did not fit. */
  private record Waiting(int attempts, long lastNanos) {}

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final Placements placements = new Placements();
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ObjectKey, Waiting> waiting = new HashMap<>(); // as many as pods that wait
  private final ControllerRunner<ObjectKey> runner;

  public SchedulerController(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.events = events;
    this.timer = timer;
    this.runner = new ControllerRunner<>("scheduler", PARALLELISM, this, timer);
    informers.nodes().listen(this::onNode);
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

  private void onNode(Informer.Change change) {
    NodeView node = new NodeView(change.object());
    if (change instanceof Informer.Change.Removed) {
      placements.forget(node.name());
    } else if (placements.observe(node)) {
      wakeWaiting();
    }
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    boolean freed =
        switch (change) {
          case Informer.Change.Removed _ -> {
            stopWaiting(pod.key());
            yield placements.forget(pod.tree());
          }
          case Informer.Change.Added _, Informer.Change.Modified _ -> placements.observe(pod);
        };
    if (freed) {
      wakeWaiting();
    }
    boolean asksAnew =
        switch (change) {
          case Informer.Change.Added _ -> true;
          case Informer.Change.Modified(var now, var before) ->
              !now.obj("spec").equals(before.obj("spec"));
          case Informer.Change.Removed _ -> false;
        };
    if (asksAnew && isOurs(pod)) {
      runner.enqueue(pod.key());
    }
  }

  private static boolean isOurs(PodView pod) {
    return pod.nodeName().isEmpty()
        && pod.schedulerName().equals(NAME)
        && !pod.isTerminating()
        && !pod.isFinished()
        && pod.schedulingGates().isEmpty();
  }

  private void wakeWaiting() {
    Map<ObjectKey, Duration> delays = new HashMap<>();
    lock.lock();
    try {
      waiting.forEach(
          (key, since) -> {
            Duration backoff = Backoff.SCHEDULER.after(since.attempts());
            delays.put(key, backoff.minusNanos(timer.nanos() - since.lastNanos()));
          });
    } finally {
      lock.unlock();
    }
    delays.forEach(runner::enqueueAfter);
  }

  private void stopWaiting(ObjectKey key) {
    lock.lock();
    try {
      waiting.remove(key);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<PodView> pod =
        informers.pods().get(key).map(PodView::new).filter(SchedulerController::isOurs);
    if (pod.isEmpty()) {
      stopWaiting(key);
      return Outcome.DONE;
    }
    Optional<Decision> decision = placements.place(pod.get());
    if (decision.isPresent()) {
      switch (decision.get()) {
        case Decision.Placed(NodeName node) -> bind(pod.get(), node);
        case Decision.Unschedulable(String message) -> postpone(pod.get(), message);
      }
    }
    return Outcome.DONE;
  }

  private void bind(PodView pod, NodeName node) {
    ObjectKey key = pod.key();
    Obj binding =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Binding",
            "metadata",
            Obj.of("namespace", key.namespace(), "name", key.name(), "uid", pod.meta().uid()),
            "target",
            Obj.of("apiVersion", "v1", "kind", "Node", "name", node.text()));
    try {
      access.create(GroupResource.PODS, key, "binding", binding, WriteOptions.DEFAULT);
    } catch (StatusException e) {
      placements.giveUp(pod);
      if (e.reason() == Reason.NOT_FOUND) {
        return; // deleted meanwhile
      }
      throw e;
    } catch (RuntimeException e) {
      placements.giveUp(pod);
      throw e;
    }
    stopWaiting(key);
    events.record(
        EventNote.normal(pod.tree(), "Scheduled", "Successfully assigned " + key + " to " + node));
  }

  private void postpone(PodView pod, String message) {
    lock.lock();
    try {
      Waiting before = waiting.get(pod.key());
      int attempts = before == null ? 1 : before.attempts() + 1;
      waiting.put(pod.key(), new Waiting(attempts, timer.nanos()));
    } finally {
      lock.unlock();
    }
    boolean said =
        pod.condition(PodView.POD_SCHEDULED)
            .filter(condition -> condition.message().equals(message))
            .isPresent();
    if (said) {
      return;
    }
    events.record(EventNote.warning(pod.tree(), "FailedScheduling", message));
    List<Obj> conditions =
        Condition.set(
            pod.status().objs("conditions"),
            Condition.of(
                PodView.POD_SCHEDULED, Condition.FALSE, "Unschedulable", message, timer.instant()));
    try {
      informers
          .pods()
          .wrote(
              access.updateStatus(
                  GroupResource.PODS,
                  pod.tree().with("status", pod.status().with("conditions", conditions))));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
