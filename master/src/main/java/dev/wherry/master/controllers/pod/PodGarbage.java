package dev.wherry.master.controllers.pod;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
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
 * Deletes pods bound to nodes that are no more, and the oldest finished ones past {@value
 * #MAX_FINISHED}. Thread-safe.
 */
public final class PodGarbage implements Controller, Reconciler<ObjectKey> {
  // A key without a namespace is a node's, but for FINISHED.
  static final int MAX_FINISHED = 1000;

  /** A node that vanishes may be about to come back under its name. */
  public static final Duration QUARANTINE = Duration.ofSeconds(40);

  private static final Duration FINISHED_DELAY = Duration.ofSeconds(20);
  private static final ObjectKey FINISHED = new ObjectKey("", "finished pods");
  private static final int PARALLELISM = 4;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final ControllerRunner<ObjectKey> runner;

  public PodGarbage(ObjectAccess access, SharedInformers informers, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.runner = new ControllerRunner<>("pod-garbage-collector", PARALLELISM, this, timer);
    informers.nodes().listen(this::onNode);
    informers.pods().listen(this::onPod);
  }

  private void onNode(Informer.Change change) {
    if (change instanceof Informer.Change.Removed(Obj node)) {
      runner.enqueueAfter(ObjectKey.of(node), QUARANTINE);
    }
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    if (change instanceof Informer.Change.Removed) {
      return;
    }
    if (!pod.nodeName().isEmpty() && !isThere(pod.nodeName())) {
      runner.enqueueAfter(pod.key(), QUARANTINE);
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
    if (pod.isPresent() && !pod.get().nodeName().isEmpty() && !isThere(pod.get().nodeName())) {
      delete(pod.get());
    }
    return Outcome.DONE;
  }

  private void deletePodsOf(String nodeName) {
    if (!isThere(nodeName)) {
      List<PodView> left = informers.podsOn(nodeName).stream().map(PodView::new).toList();
      Parallel.forEach(left, this::delete);
    }
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
    try {
      informers
          .pods()
          .deletedByUs(
              access.delete(
                  GroupResource.PODS,
                  pod.key(),
                  DeleteOptions.DEFAULT.withGracePeriodSeconds(0).withUid(pod.meta().uid())));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }
}
