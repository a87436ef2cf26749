package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StorageClassView;
import dev.wherry.api.view.Volume;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.SharedInformers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Claims, volumes and classes as the informers have them, typed. Thread-safe. */
record Storage(Informer claimObjects, Informer volumeObjects, Informer classObjects) {
  static Storage of(SharedInformers informers) {
    return new Storage(
        informers.persistentVolumeClaims(),
        informers.persistentVolumes(),
        informers.storageClasses());
  }

  Optional<PersistentVolumeClaimView> claim(ObjectKey key) {
    return claimObjects.get(key).map(PersistentVolumeClaimView::new);
  }

  List<PersistentVolumeClaimView> claims() {
    return claimObjects.all().stream().map(PersistentVolumeClaimView::new).toList();
  }

  Optional<PersistentVolumeView> volume(String name) {
    return volumeObjects.get(new ObjectKey("", name)).map(PersistentVolumeView::new);
  }

  List<PersistentVolumeView> volumes() {
    return volumeObjects.all().stream().map(PersistentVolumeView::new).toList();
  }

  Optional<StorageClassView> storageClass(String name) {
    return classObjects.get(new ObjectKey("", name)).map(StorageClassView::new);
  }

  List<StorageClassView> classes() {
    return classObjects.all().stream().map(StorageClassView::new).toList();
  }

  /** The claims that the pod names, in its order; each once. */
  static List<ObjectKey> claimsOf(PodView pod) {
    List<ObjectKey> keys = new ArrayList<>();
    for (Volume volume : pod.volumes()) {
      Optional<String> claim = claimName(pod, volume);
      claim
          .map(name -> new ObjectKey(pod.key().namespace(), name))
          .filter(key -> !keys.contains(key))
          .ifPresent(keys::add);
    }
    return keys;
  }

  private static Optional<String> claimName(PodView pod, Volume volume) {
    // Not by its source: nearly every pod has a volume with its token, and nobody asks for that.
    Obj claim = volume.tree().obj("persistentVolumeClaim");
    if (!claim.isEmpty()) {
      return Optional.of(claim.string("claimName"));
    }
    return isEphemeral(volume)
        ? Optional.of(pod.key().name() + "-" + volume.name())
        : Optional.empty();
  }

  /** Whether the claim is made from a template in the pod and goes with it. */
  static boolean isEphemeral(Volume volume) {
    return volume.tree().has("ephemeral");
  }
}
