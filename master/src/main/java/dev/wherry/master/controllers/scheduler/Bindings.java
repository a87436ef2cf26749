package dev.wherry.master.controllers.scheduler;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Reconciler.Outcome;
import dev.wherry.master.reconcile.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pods on their way to the nodes that were chosen for them: their volumes are made, then they are
 * bound, many side by side. A binding whose outcome is unknown is tried again, and the registry
 * refuses a second one: a pod is bound once. Thread-safe.
 */
final class Bindings implements Controller {
  private static final int PARALLELISM = 64;

  /** For how long a pod's place is kept while volumes are made (Kubernetes: bindTimeoutSeconds). */
  private static final Duration VOLUME_TIMEOUT = Duration.ofMinutes(10);

  private static final String VOLUMES_LATE =
      "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded";

  private final PodVolumes volumes;
  private final Verdicts verdicts;
  private final Placements placements;
  private final SchedulingQueue queue;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  /** As many as bindings that wait. */
  private final Map<ObjectKey, Assigned> assigned = new ConcurrentHashMap<>();

  private record Assigned(PodView pod, NodeName node, long sinceNanos) {}

  Bindings(
      PodVolumes volumes,
      Verdicts verdicts,
      Placements placements,
      SchedulingQueue queue,
      Timer timer) {
    this.volumes = volumes;
    this.verdicts = verdicts;
    this.placements = placements;
    this.queue = queue;
    this.timer = timer;
    this.runner = new ControllerRunner<>("binder", PARALLELISM, this::bind, timer);
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  /** Its place was chosen. */
  void assign(PodView pod, NodeName node) {
    assigned.put(pod.key(), new Assigned(pod, node, timer.nanos()));
    runner.enqueue(pod.key());
  }

  /** The pod is gone. */
  void forget(ObjectKey pod) {
    assigned.remove(pod);
  }

  /** A claim, a volume or a class has changed. */
  void onVolumeChange() {
    assigned.forEach(
        (key, each) -> {
          if (!each.pod().volumes().isEmpty()) {
            runner.enqueue(key);
          }
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
