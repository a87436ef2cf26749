package dev.wherry.master.controllers.volume;

import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import java.util.Optional;

/**
 * What a volume is, and what becomes of one whose claim is gone (Kubernetes: Persistent Volumes,
 * reclaiming). Pure.
 */
sealed interface VolumePlan {
  String PV_PROTECTION = "kubernetes.io/pv-protection";
  String DIRECTORY = "wherry.dev/local-directory";
  String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

  /** Its phase is to be this; no reclaiming. */
  record Phase(String phase) implements VolumePlan {}

  /** Its claim is gone and so is it to be, its directory first. */
  record Remove() implements VolumePlan {}

  /** Its policy is one that nobody here carries out. */
  record Refuse(String reason, String message) implements VolumePlan {}

  /** {@code claim} is the one that the volume's {@code claimRef} names, if it is there. */
  static VolumePlan plan(PersistentVolumeView volume, Optional<PersistentVolumeClaimView> claim) {
    if (!volume.isClaimed() || volume.claimUid().isEmpty()) {
      return new Phase("Available");
    }
    boolean its = claim.filter(volume::isFor).isPresent();
    if (its) {
      return new Phase(
          claim.filter(each -> each.volumeName().equals(volume.name())).isPresent()
              ? "Bound"
              : volume.phase().equals("Pending") ? "Available" : volume.phase());
    }
    return switch (volume.reclaimPolicy()) {
      case "Delete" ->
          switch (volume.meta().annotations().getOrDefault(PROVISIONED_BY, "")) {
            case ClaimPlan.PROVISIONER -> new Remove();
            case "" ->
                new Refuse(
                    "VolumeFailedDelete",
                    "error getting deleter volume plugin for volume \""
                        + volume.name()
                        + "\": no deletable volume plugin matched");
            default -> new Phase("Released"); // another provisioner's to delete
          };
      case "Recycle" ->
          new Refuse(
              "VolumeFailedRecycle", "the reclaim policy Recycle is not supported: use Delete");
      default -> new Phase("Released");
    };
  }
}
