package dev.wherry.master.controllers.pod;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Deletes pods bound to nodes that are no more, those that terminate on nodes that are out of
 * service, and the oldest finished ones past {@value #MAX_FINISHED}. Thread-safe.
 */
public final class PodGarbage implements Controller, Reconciler<ObjectKey> {
  // A key without a namespace is a node's, but for FINISHED.
  static final int MAX_FINISHED = 1000;

  /** A node that vanishes may be about to come back under its name. */
  public static final Duration QUARANTINE = Duration.ofSeconds(40);

  private static final String NODE_GONE = "DeletionByPodGC";
  private static final Duration FINISHED_DELAY = Duration.ofSeconds(20);
  private static final ObjectKey FINISHED = new ObjectKey("", "finished pods");
  private static final int PARALLELISM = 4;
  private static final DeleteOptions NOW = DeleteOptions.DEFAULT.withGracePeriodSeconds(0);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  public PodGarbage(ObjectAccess access, SharedInformers informers, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.timer = timer;
    this.runner = new ControllerRunner<>("pod-garbage-collector", PARALLELISM, this, timer);
    informers.nodes().listen(this::onNode);
    informers.pods().listen(this::onPod);
  }

  private void onNode(Informer.Change change) {
    if (change instanceof Informer.Change.Removed(Obj node)) {
      runner.enqueueAfter(ObjectKey.of(node), QUARANTINE);
    } else if (isOutOfService(new NodeView(change.object()))) {
      runner.enqueue(ObjectKey.of(change.object()));
    }
  }

  /** Somebody has said that the node is down for good: nobody will end its pods there. */
  private static boolean isOutOfService(NodeView node) {
    return !node.isReady()
        && node.taints().stream().anyMatch(taint -> taint.key().equals(Taint.OUT_OF_SERVICE));
  }

  private boolean isOutOfService(String nodeName) {
    return informers
        .nodes()
        .get(new ObjectKey("", nodeName))
        .filter(node -> isOutOfService(new NodeView(node)))
        .isPresent();
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    if (change instanceof Informer.Change.Removed) {
      return;
    }
    if (!pod.nodeName().isEmpty() && !isThere(pod.nodeName())) {
      runner.enqueueAfter(pod.key(), QUARANTINE);
    } else if (isLeftOver(pod) && !pod.isTerminating()) {
      runner.enqueue(pod.key());
    }
    if (pod.isTerminating() && isOutOfService(pod.nodeName())) {
      runner.enqueue(pod.key());
    }
    if (pod.isFinished()) {
      runner.enqueueAfter(FINISHED, FINISHED_DELAY);
    }
  }

  private boolean isThere(String nodeName) {
    return informers.nodes().get(new ObjectKey("", nodeName)).isPresent();
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
  public Outcome reconcile(ObjectKey key) {
    if (key.equals(FINISHED)) {
      deleteOldest();
      return Outcome.DONE;
    }
    if (key.namespace().isEmpty()) {
      deletePodsOf(key.name());
      return Outcome.DONE;
    }
    Optional<PodView> pod = informers.pods().get(key).map(PodView::new);
    if (pod.isPresent() && !pod.get().nodeName().isEmpty()) {
      if (!isThere(pod.get().nodeName()) || isLeftOver(pod.get())) {
        deleteOrphan(pod.get());
      } else if (pod.get().isTerminating() && isOutOfService(pod.get().nodeName())) {
        end(pod.get());
      }
    }
    return Outcome.DONE;
  }

  private void deletePodsOf(String nodeName) {
    List<PodView> left = informers.podsOn(nodeName).stream().map(PodView::new).toList();
    if (isOutOfService(nodeName)) {
      Parallel.forEach(left.stream().filter(PodView::isTerminating).toList(), this::end);
    } else {
      boolean isGone = !isThere(nodeName);
      Parallel.forEach(
          left.stream().filter(pod -> isGone || isLeftOver(pod)).toList(), this::deleteOrphan);
    }
  }

  /** It has failed because its node was gone; meanwhile the node is back, and does not know it. */
  private static boolean isLeftOver(PodView pod) {
    return pod.isFinished()
        && pod.condition(DisruptedPods.DISRUPTION_TARGET)
            .filter(target -> target.reason().equals(NODE_GONE))
            .isPresent();
  }

  private void deleteOldest() {
    List<PodView> finished =
        informers.pods().all().stream()
            .map(PodView::new)
            .filter(pod -> pod.isFinished() && !pod.isTerminating())
            .sorted(
                Comparator.comparing(pod -> pod.meta().creationTimestamp().orElse(Instant.EPOCH)))
            .toList();
    int surplus = Math.max(0, finished.size() - MAX_FINISHED);
    Parallel.forEach(finished.subList(0, surplus), this::delete);
  }

  private void delete(PodView pod) {
    DisruptedPods.delete(access, informers.pods(), pod, NOW);
  }

  /** Its node will never say how it ended. */
  private void end(PodView pod) {
    DisruptedPods.fail(access, informers.pods(), pod);
    delete(pod);
  }

  private void deleteOrphan(PodView pod) {
    Condition target =
        Condition.of(
            DisruptedPods.DISRUPTION_TARGET,
            Condition.TRUE,
            NODE_GONE,
            "PodGC: node no longer exists",
            timer.instant());
    DisruptedPods.fail(access, informers.pods(), pod, target);
    delete(pod);
  }
}
