package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the phase of volumes, and removes those whose claim is gone and whose policy says so: the
 * directory on the node first, the object then. Thread-safe.
 */
public final class VolumeController implements Controller, Reconciler<String> {
  private static final int PARALLELISM = 4;

  /** A node that is away is asked again after this; it is asked at once when it comes back. */
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Storage storage;
  private final VolumeDirectories directories;
  private final EventSink.Recorder events;
  private final ControllerRunner<String> runner;

  public VolumeController(
      ObjectAccess access,
      SharedInformers informers,
      VolumeDirectories directories,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.storage = Storage.of(informers);
    this.directories = directories;
    this.events = events;
    this.runner = new ControllerRunner<>("volumes", PARALLELISM, this, timer);
    storage.volumeObjects().listen(this::onVolume);
    storage.claimObjects().listen(this::onClaim);
  }

  private void onVolume(Informer.Change change) {
    if (!(change instanceof Informer.Change.Removed)) {
      runner.enqueue(new PersistentVolumeView(change.object()).name());
    }
  }

  private void onClaim(Informer.Change change) {
    PersistentVolumeClaimView claim = new PersistentVolumeClaimView(change.object());
    if (!claim.volumeName().isEmpty()) {
      runner.enqueue(claim.volumeName());
    } else if (change instanceof Informer.Change.Removed) {
      // A volume that was made for it names the claim before the claim names the volume.
      storage.volumes().stream()
          .filter(each -> each.isFor(claim))
          .forEach(each -> runner.enqueue(each.name()));
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
  public Outcome reconcile(String name) {
    Optional<PersistentVolumeView> found = storage.volume(name);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    PersistentVolumeView volume = found.get();
    VolumePlan plan = VolumePlan.plan(volume, claim(volume));
    if (volume.meta().isTerminating()) {
      boolean bound = plan instanceof VolumePlan.Phase(String phase) && phase.equals("Bound");
      return bound ? Outcome.DONE : finish(volume);
    }
    Obj kept = BoundObjects.withFinalizer(volume.tree(), VolumePlan.PV_PROTECTION);
    if (!kept.equals(volume.tree())) {
      storage.volumeObjects().wrote(access.update(GroupResource.PERSISTENT_VOLUMES, kept));
      return Outcome.after(Duration.ZERO);
    }
    apply(plan, volume);
    return Outcome.DONE;
  }

  private Optional<PersistentVolumeClaimView> claim(PersistentVolumeView volume) {
    return volume.isClaimed() ? storage.claim(volume.claimKey()) : Optional.empty();
  }

  private void apply(VolumePlan plan, PersistentVolumeView volume) {
    switch (plan) {
      case VolumePlan.Phase(String phase) -> writePhase(volume, phase, "");
      case VolumePlan.Refuse(String reason, String message) -> {
        if (writePhase(volume, "Failed", message)) {
          events.record(EventNote.warning(volume.tree(), reason, message));
        }
      }
      case VolumePlan.Remove() -> {
        // Data is at stake: what the informer does not show may be there all the same.
        if (!isClaimThere(volume)) {
          writePhase(volume, "Released", "");
          access.delete(
              GroupResource.PERSISTENT_VOLUMES,
              new ObjectKey("", volume.name()),
              DeleteOptions.DEFAULT.withUid(volume.meta().uid()));
        }
      }
    }
  }

  private boolean isClaimThere(PersistentVolumeView volume) {
    try {
      Obj claim = access.get(GroupResource.PERSISTENT_VOLUME_CLAIMS, volume.claimKey());
      return volume.isFor(new PersistentVolumeClaimView(claim));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** The volume is being deleted and nobody has it any more. */
  private Outcome finish(PersistentVolumeView volume) {
    boolean hasDirectory = volume.meta().finalizers().contains(VolumePlan.DIRECTORY);
    if (hasDirectory && volume.reclaimPolicy().equals("Delete") && !remove(volume)) {
      return Outcome.after(ASK_AGAIN);
    }
    Obj freed = BoundObjects.withoutFinalizer(volume.tree(), VolumePlan.DIRECTORY);
    freed = BoundObjects.withoutFinalizer(freed, VolumePlan.PV_PROTECTION);
    if (!freed.equals(volume.tree())) {
      Obj written = access.update(GroupResource.PERSISTENT_VOLUMES, freed);
      if (!freed.obj("metadata").has("finalizers")) {
        storage.volumeObjects().goneByUs(written);
      }
    }
    return Outcome.DONE;
  }

  /** Returns whether the directory is gone, or its node is. */
  private boolean remove(PersistentVolumeView volume) {
    Optional<NodeName> node = node(volume).filter(this::isThere);
    if (node.isEmpty()) {
      return true;
    }
    try {
      directories.remove(node.get(), volume.spec().obj("hostPath").string("path"));
      return true;
    } catch (StatusException e) {
      events.record(
          EventNote.warning(volume.tree(), "VolumeFailedDelete", String.valueOf(e.getMessage())));
      return false;
    }
  }

  private boolean isThere(NodeName node) {
    return informers.nodes().get(new ObjectKey("", node.text())).isPresent();
  }

  /** The node that {@link ProvisionedVolume} names. */
  private static Optional<NodeName> node(PersistentVolumeView volume) {
    return volume.requiredNodes().objs("nodeSelectorTerms").stream()
        .flatMap(term -> term.objs("matchFields").stream())
        .map(field -> field.strings("values"))
        .filter(values -> !values.isEmpty())
        .map(List::getFirst)
        .map(NodeName::new)
        .findFirst();
  }

  private boolean writePhase(PersistentVolumeView volume, String phase, String message) {
    Obj status = volume.tree().obj("status");
    Obj wanted = status.with("phase", phase);
    wanted = message.isEmpty() ? wanted.without("message") : wanted.with("message", message);
    if (wanted.equals(status)) {
      return false;
    }
    storage
        .volumeObjects()
        .wrote(
            access.updateStatus(
                GroupResource.PERSISTENT_VOLUMES, volume.tree().with("status", wanted)));
    return true;
  }
}
