package dev.wherry.master.controllers.volume;

import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which volumes suit a claim. Pure. */
final class VolumeMatch {
  private static final Comparator<PersistentVolumeView> SMALLEST =
      Comparator.comparing(PersistentVolumeView::storage).thenComparing(PersistentVolumeView::name);

  private VolumeMatch() {}

  /** The volume that somebody promised to this claim. */
  static Optional<PersistentVolumeView> promised(
      PersistentVolumeClaimView claim, Collection<PersistentVolumeView> volumes) {
    return volumes.stream()
        .filter(each -> !each.meta().isTerminating() && each.isFor(claim))
        .min(SMALLEST);
  }

  /** Free volumes that suit the claim, the smallest first. */
  static List<PersistentVolumeView> suiting(
      PersistentVolumeClaimView claim, Collection<PersistentVolumeView> volumes) {
    return volumes.stream()
        .filter(each -> !each.isClaimed() && !each.meta().isTerminating())
        .filter(each -> each.phase().equals("Available") || each.phase().equals("Pending"))
        .filter(each -> suits(claim, each))
        .sorted(SMALLEST)
        .toList();
  }

  /** Whether class, size, modes and labels of the volume are as the claim asks. */
  static boolean suits(PersistentVolumeClaimView claim, PersistentVolumeView volume) {
    return volume.storageClassName().equals(claim.storageClassName().orElse(""))
        && volume.volumeMode().equals(claim.volumeMode())
        && volume.storage().compareTo(claim.storage()) >= 0
        && volume.accessModes().containsAll(claim.accessModes())
        && claim.selector().matches(volume.meta().labels());
  }
}
