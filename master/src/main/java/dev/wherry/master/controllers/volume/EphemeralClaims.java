package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.List;
import java.util.Optional;

/**
 * Makes the claims of pods' ephemeral volumes (Kubernetes: generic ephemeral volumes). They belong
 * to the pod and go with it. Thread-safe.
 */
public final class EphemeralClaims implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 2;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final EventSink.Recorder events;
  private final ControllerRunner<ObjectKey> runner;

  public EphemeralClaims(
      ObjectAccess access, SharedInformers informers, EventSink.Recorder events, Timer timer) {
    this.access = access;
    this.informers = informers;
    this.events = events;
    this.runner = new ControllerRunner<>("ephemeral-volumes", PARALLELISM, this, timer);
    informers.pods().listen(this::onPod);
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    if (change instanceof Informer.Change.Added && ephemeral(pod).findAny().isPresent()) {
      runner.enqueue(pod.key());
    }
  }

  private static java.util.stream.Stream<Volume> ephemeral(PodView pod) {
    return pod.volumes().stream().filter(Storage::isEphemeral);
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
    Optional<PodView> pod =
        informers.pods().get(key).map(PodView::new).filter(each -> !each.isTerminating());
    pod.ifPresent(each -> ephemeral(each).forEach(volume -> ensure(each, volume)));
    return Outcome.DONE;
  }

  private void ensure(PodView pod, Volume volume) {
    Obj template = volume.tree().obj("ephemeral").obj("volumeClaimTemplate");
    ObjectKey key = new ObjectKey(pod.key().namespace(), pod.key().name() + "-" + volume.name());
    Optional<Obj> existing = informers.persistentVolumeClaims().get(key);
    if (existing.isPresent()) {
      if (!isOf(pod, existing.get())) {
        events.record(
            EventNote.warning(
                pod.tree(),
                "FailedBinding",
                "ephemeral volume "
                    + volume.name()
                    + ": PVC "
                    + key
                    + " was not created for the pod"));
      }
      return;
    }
    Obj metadata =
        template
            .obj("metadata")
            .with("namespace", key.namespace())
            .with("name", key.name())
            .with("ownerReferences", List.of(OwnerReference.controlledBy(pod.tree()).toObj()));
    try {
      informers
          .persistentVolumeClaims()
          .wrote(
              access.create(
                  GroupResource.PERSISTENT_VOLUME_CLAIMS,
                  Obj.of(
                      "apiVersion",
                      "v1",
                      "kind",
                      "PersistentVolumeClaim",
                      "metadata",
                      metadata,
                      "spec",
                      template.obj("spec"))));
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  private static boolean isOf(PodView pod, Obj claim) {
    return new PersistentVolumeClaimView(claim)
        .meta()
        .controller()
        .filter(each -> each.uid().equals(pod.meta().uid()))
        .isPresent();
  }
}
