package dev.wherry.master.controllers.volume;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import java.util.ArrayList;
import java.util.List;

/** Renders claims and volumes that belong to each other. Pure. */
final class BoundObjects {
  private static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

  private BoundObjects() {}

  /** The volume as this claim's. */
  static Obj claimed(PersistentVolumeView volume, PersistentVolumeClaimView claim) {
    Obj ref =
        Obj.of(
            "kind",
            "PersistentVolumeClaim",
            "namespace",
            claim.key().namespace(),
            "name",
            claim.key().name(),
            "uid",
            claim.meta().uid(),
            "apiVersion",
            "v1",
            "resourceVersion",
            claim.meta().resourceVersion());
    Obj claimed = volume.tree().withAt(ref, "spec", "claimRef");
    return volume.isClaimed()
        ? claimed
        : claimed.withAt("yes", "metadata", "annotations", BOUND_BY_CONTROLLER);
  }

  /** The claim with this volume as its own. */
  static Obj named(PersistentVolumeClaimView claim, PersistentVolumeView volume) {
    Obj named =
        claim.volumeName().isEmpty()
            ? claim
                .tree()
                .withAt(volume.name(), "spec", "volumeName")
                .withAt("yes", "metadata", "annotations", BOUND_BY_CONTROLLER)
            : claim.tree();
    return named.withAt("yes", "metadata", "annotations", ClaimPlan.BIND_COMPLETED);
  }

  /** The status of a claim that is bound to this volume. */
  static Obj boundStatus(PersistentVolumeClaimView claim, PersistentVolumeView volume) {
    return claim
        .status()
        .with("phase", "Bound")
        .with("accessModes", volume.accessModes())
        .with("capacity", volume.spec().obj("capacity"));
  }

  static Obj withFinalizer(Obj object, String finalizer) {
    List<String> all = new ArrayList<>(object.obj("metadata").strings("finalizers"));
    if (all.contains(finalizer)) {
      return object;
    }
    all.add(finalizer);
    return object.withAt(all, "metadata", "finalizers");
  }

  static Obj withoutFinalizer(Obj object, String finalizer) {
    List<String> all = new ArrayList<>(object.obj("metadata").strings("finalizers"));
    if (!all.remove(finalizer)) {
      return object;
    }
    return all.isEmpty()
        ? object.change("metadata", metadata -> metadata.without("finalizers"))
        : object.withAt(all, "metadata", "finalizers");
  }
}
