package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StorageClassView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Binds claims to volumes, makes local volumes for them, lets bound ones grow, and keeps claims as
 * long as pods use them. Thread-safe.
 */
public final class ClaimController implements Controller, Reconciler<ObjectKey> {
  private static final String PVC_PROTECTION = "kubernetes.io/pvc-protection";

  /** One at a time: two claims must not choose the same volume. */
  private static final int PARALLELISM = 1;

  /** Steps that one look at a claim may take: class, volume, claim, status. */
  private static final int MAX_STEPS = 5;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Storage storage;
  private final EventSink.Recorder events;
  private final ControllerRunner<ObjectKey> runner;

  public ClaimController(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.storage = Storage.of(informers);
    this.events = events;
    this.runner = new ControllerRunner<>("claims", PARALLELISM, this, timer);
    storage.claimObjects().listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    storage.volumeObjects().listen(this::onVolume);
    storage.classObjects().listen(_ -> enqueueOpen());
    informers.pods().listen(this::onPod);
  }

  private void onVolume(Informer.Change change) {
    PersistentVolumeView volume = new PersistentVolumeView(change.object());
    if (volume.isClaimed()) {
      runner.enqueue(volume.claimKey());
    } else {
      enqueueOpen();
    }
  }

  private void enqueueOpen() {
    storage.claims().stream()
        .filter(each -> !each.isBound())
        .forEach(each -> runner.enqueue(each.key()));
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    if (change instanceof Informer.Change.Removed || pod.isFinished()) {
      Storage.claimsOf(pod).forEach(runner::enqueue);
    } else if (change instanceof Informer.Change.Added && pod.nodeName().isEmpty()) {
      Storage.claimsOf(pod).stream()
          .filter(key -> storage.claim(key).filter(each -> !each.isBound()).isPresent())
          .forEach(runner::enqueue); // what it waits for is another thing to tell now
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
  public Outcome reconcile(ObjectKey key) {
    for (int step = 0; step < MAX_STEPS; step++) {
      Optional<PersistentVolumeClaimView> claim = storage.claim(key);
      if (claim.isEmpty() || !advance(claim.get())) {
        return Outcome.DONE;
      }
    }
    return Outcome.DONE;
  }

  /** Takes the next step; returns whether there may be another. */
  private boolean advance(PersistentVolumeClaimView claim) {
    if (claim.meta().isTerminating()) {
      if (!isUsed(claim)) {
        write(BoundObjects.withoutFinalizer(claim.tree(), PVC_PROTECTION), claim);
      }
      return false;
    }
    Obj kept = BoundObjects.withFinalizer(claim.tree(), PVC_PROTECTION);
    if (write(kept, claim)) {
      return true;
    }
    List<String> consumers = claim.isBound() ? List.of() : consumers(claim);
    return apply(ClaimPlan.plan(claim, storage.volumes(), storage.classes(), consumers), claim);
  }

  private List<String> consumers(PersistentVolumeClaimView claim) {
    return users(claim)
        .filter(pod -> pod.nodeName().isEmpty())
        .map(pod -> pod.key().name())
        .sorted()
        .toList();
  }

  private boolean isUsed(PersistentVolumeClaimView claim) {
    return users(claim).findAny().isPresent();
  }

  private Stream<PodView> users(PersistentVolumeClaimView claim) {
    return informers.podsIn(claim.key().namespace()).stream()
        .map(PodView::new)
        .filter(pod -> !pod.isFinished() && Storage.claimsOf(pod).contains(claim.key()));
  }

  private boolean apply(ClaimPlan plan, PersistentVolumeClaimView claim) {
    return switch (plan) {
      case ClaimPlan.Adopt(String storageClass) ->
          write(claim.tree().withAt(storageClass, "spec", "storageClassName"), claim);
      case ClaimPlan.Bind(PersistentVolumeView volume) -> {
        writeVolume(BoundObjects.claimed(volume, claim));
        write(BoundObjects.named(claim, volume), claim);
        yield true;
      }
      case ClaimPlan.Settle(PersistentVolumeView volume) ->
          write(BoundObjects.named(claim, volume), claim)
              || writeStatus(claim, BoundObjects.boundStatus(claim, volume));
      case ClaimPlan.Expand(PersistentVolumeView volume) -> {
        Object size = claim.spec().at("resources", "requests").get("storage").orElseThrow();
        writeVolume(volume.tree().withAt(size, "spec", "capacity", "storage"));
        events.record(
            EventNote.normal(
                claim.tree(),
                "VolumeResizeSuccessful",
                "Resized volume " + volume.name() + " to " + size));
        yield true;
      }
      case ClaimPlan.Provision(StorageClassView storageClass, String node) ->
          provision(claim, storageClass, node);
      case ClaimPlan.Await(ClaimPlan.Severity severity, String reason, String message) -> {
        await(claim, severity, reason, message);
        yield false;
      }
      case ClaimPlan.Lose(String reason, String message) -> {
        if (writeStatus(claim, claim.status().with("phase", "Lost"))) {
          events.record(EventNote.warning(claim.tree(), reason, message));
        }
        yield false;
      }
    };
  }

  private void await(
      PersistentVolumeClaimView claim, ClaimPlan.Severity severity, String reason, String message) {
    writeStatus(claim, claim.status().with("phase", "Pending"));
    switch (severity) {
      case NORMAL -> events.record(EventNote.normal(claim.tree(), reason, message));
      case WARNING -> events.record(EventNote.warning(claim.tree(), reason, message));
    }
  }

  private boolean provision(
      PersistentVolumeClaimView claim, StorageClassView storageClass, String selected) {
    Optional<NodeView> node = node(selected);
    if (node.isEmpty()) {
      if (selected.isEmpty()) {
        await(
            claim,
            ClaimPlan.Severity.WARNING,
            "ProvisioningFailed",
            "no node is ready for volumes");
        return false;
      }
      Obj annotations = claim.tree().at("metadata", "annotations");
      return write(
          claim
              .tree()
              .withAt(annotations.without(ClaimPlan.SELECTED_NODE), "metadata", "annotations"),
          claim); // the node is gone: the scheduler is to choose another
    }
    try {
      storage
          .volumeObjects()
          .wrote(
              access.create(
                  GroupResource.PERSISTENT_VOLUMES,
                  ProvisionedVolume.render(claim, storageClass, node.get())));
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
      return false; // its event is on its way here
    }
    events.record(
        EventNote.normal(
            claim.tree(),
            "ProvisioningSucceeded",
            "Successfully provisioned volume " + ProvisionedVolume.name(claim)));
    return true;
  }

  /** The node of this name, or any that is ready where the name is empty. */
  private Optional<NodeView> node(String name) {
    if (!name.isEmpty()) {
      return informers.nodes().get(new ObjectKey("", name)).map(NodeView::new);
    }
    return informers.nodes().all().stream()
        .map(NodeView::new)
        .filter(each -> each.isReady() && !each.unschedulable())
        .min(Comparator.comparing(NodeView::name, Comparator.comparing(each -> each.text())));
  }

  /** Returns whether there was something to write. */
  private boolean write(Obj changed, PersistentVolumeClaimView claim) {
    if (changed.equals(claim.tree())) {
      return false;
    }
    Obj written = access.update(GroupResource.PERSISTENT_VOLUME_CLAIMS, changed);
    if (claim.meta().isTerminating() && !changed.obj("metadata").has("finalizers")) {
      storage.claimObjects().goneByUs(written);
    } else {
      storage.claimObjects().wrote(written);
    }
    return true;
  }

  private boolean writeStatus(PersistentVolumeClaimView claim, Obj status) {
    if (status.equals(claim.status())) {
      return false;
    }
    storage
        .claimObjects()
        .wrote(
            access.updateStatus(
                GroupResource.PERSISTENT_VOLUME_CLAIMS, claim.tree().with("status", status)));
    return true;
  }

  private void writeVolume(Obj changed) {
    String name = new PersistentVolumeView(changed).name();
    if (storage.volume(name).filter(each -> each.tree().equals(changed)).isEmpty()) {
      storage.volumeObjects().wrote(access.update(GroupResource.PERSISTENT_VOLUMES, changed));
    }
  }
}
