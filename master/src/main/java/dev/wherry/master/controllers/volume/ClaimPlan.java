package dev.wherry.master.controllers.volume;

import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.StorageClassView;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The next step of a claim (Kubernetes: Persistent Volumes, binding). Pure.
 *
 * <pre>
 * the claim has                      step
 * no class, a default class exists   Adopt
 * a volume of its own                Settle, Expand, or Lose where the volume is gone or another's
 * a volume named, which is free      Bind
 * a volume promised to it            Bind
 * a class that waits, no node yet    Await
 * a volume that suits                Bind
 * a class that Wherry provisions     Provision
 * nothing                            Await
 * </pre>
 */
sealed interface ClaimPlan {
  String PROVISIONER = "wherry.dev/local";
  String SELECTED_NODE = "volume.kubernetes.io/selected-node";
  String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";

  /** Takes the default class. */
  record Adopt(String storageClass) implements ClaimPlan {}

  /** Volume and claim are each other's; both are to say so. */
  record Settle(PersistentVolumeView volume) implements ClaimPlan {}

  /** As {@link Settle}, after the volume has grown to what the claim asks. */
  record Expand(PersistentVolumeView volume) implements ClaimPlan {}

  record Bind(PersistentVolumeView volume) implements ClaimPlan {}

  /** A volume is to be made; an empty node: on any. */
  record Provision(StorageClassView storageClass, String node) implements ClaimPlan {}

  /** Nothing can be done now; an empty reason: nothing to tell about it. */
  record Await(Severity severity, String reason, String message) implements ClaimPlan {}

  /** Its volume is gone, or another claim's. */
  record Lose(String reason, String message) implements ClaimPlan {}

  /** What kind of event tells of it. */
  enum Severity {
    NORMAL,
    WARNING
  }

  /** {@code consumers} are the names of pods that use the claim and have no node yet. */
  static ClaimPlan plan(
      PersistentVolumeClaimView claim,
      Collection<PersistentVolumeView> volumes,
      Collection<StorageClassView> classes,
      List<String> consumers) {
    if (!claim.volumeName().isEmpty()) {
      return named(claim, volumes, classes);
    }
    if (claim.storageClassName().isEmpty()) {
      Optional<StorageClassView> fallback = defaultOf(classes);
      if (fallback.isPresent()) {
        return new Adopt(fallback.get().name());
      }
    }
    Optional<PersistentVolumeView> promised = VolumeMatch.promised(claim, volumes);
    if (promised.isPresent()) {
      return VolumeMatch.suits(claim, promised.get())
          ? new Bind(promised.get())
          : new Await(
              Severity.WARNING,
              "VolumeMismatch",
              "Cannot bind to requested volume \""
                  + promised.get().name()
                  + "\": it does not suit the claim");
    }
    return open(claim, volumes, classes, consumers);
  }

  private static ClaimPlan named(
      PersistentVolumeClaimView claim,
      Collection<PersistentVolumeView> volumes,
      Collection<StorageClassView> classes) {
    Optional<PersistentVolumeView> found =
        volumes.stream().filter(each -> each.name().equals(claim.volumeName())).findFirst();
    boolean wasBound =
        claim.meta().annotations().containsKey(BIND_COMPLETED) || !claim.phase().equals("Pending");
    if (found.isEmpty()) {
      return wasBound
          ? new Lose(
              "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
          : new Await(
              Severity.WARNING, "FailedBinding", "volume \"" + claim.volumeName() + "\" not found");
    }
    PersistentVolumeView volume = found.get();
    if (!volume.isClaimed()) {
      return wasBound || VolumeMatch.suits(claim, volume)
          ? new Bind(volume)
          : new Await(
              Severity.WARNING,
              "VolumeMismatch",
              "Cannot bind to requested volume \"" + volume.name() + "\": it does not suit");
    }
    if (!volume.isFor(claim)) {
      return wasBound
          ? new Lose(
              "ClaimMisbound",
              "Two claims are bound to the same volume, this one is bound incorrectly")
          : new Await(
              Severity.WARNING,
              "FailedBinding",
              "volume \"" + volume.name() + "\" already bound to a different claim.");
    }
    if (volume.claimUid().isEmpty()) {
      return new Bind(volume);
    }
    return grows(claim, volume, classes) ? new Expand(volume) : new Settle(volume);
  }

  private static boolean grows(
      PersistentVolumeClaimView claim,
      PersistentVolumeView volume,
      Collection<StorageClassView> classes) {
    return claim.isBound()
        && claim.storage().compareTo(volume.storage()) > 0
        && find(classes, volume.storageClassName())
            .filter(each -> each.allowsExpansion() && each.provisioner().equals(PROVISIONER))
            .isPresent();
  }

  private static ClaimPlan open(
      PersistentVolumeClaimView claim,
      Collection<PersistentVolumeView> volumes,
      Collection<StorageClassView> classes,
      List<String> consumers) {
    String name = claim.storageClassName().orElse("");
    Optional<StorageClassView> found = find(classes, name);
    String node = claim.meta().annotations().getOrDefault(SELECTED_NODE, "");
    boolean waits = found.filter(StorageClassView::waitsForFirstConsumer).isPresent();
    if (waits && node.isEmpty()) {
      return waitForNode(consumers);
    }
    List<PersistentVolumeView> suiting = VolumeMatch.suiting(claim, volumes);
    if (!waits && !suiting.isEmpty()) {
      return new Bind(suiting.getFirst());
    }
    if (name.isEmpty()) {
      return new Await(
          Severity.NORMAL,
          "FailedBinding",
          "no persistent volumes available for this claim and no storage class is set");
    }
    if (found.isEmpty()) {
      return new Await(
          Severity.WARNING,
          "ProvisioningFailed",
          "storageclass.storage.k8s.io \"" + name + "\" not found");
    }
    return provision(claim, found.get(), node);
  }

  private static Await waitForNode(List<String> consumers) {
    if (consumers.isEmpty()) {
      return new Await(
          Severity.NORMAL,
          "WaitForFirstConsumer",
          "waiting for first consumer to be created before binding");
    }
    String pods = consumers.size() == 1 ? "pod " : "pods ";
    return new Await(
        Severity.NORMAL,
        "WaitForPodScheduled",
        "waiting for " + pods + String.join(",", consumers) + " to be scheduled");
  }

  private static ClaimPlan provision(
      PersistentVolumeClaimView claim, StorageClassView storageClass, String node) {
    String provisioner = storageClass.provisioner();
    if (provisioner.equals("kubernetes.io/no-provisioner")) {
      return new Await(
          Severity.WARNING,
          "ProvisioningFailed",
          "storageclass.storage.k8s.io \""
              + storageClass.name()
              + "\" has no provisioner: volumes are to be made by hand");
    }
    if (!provisioner.equals(PROVISIONER)) {
      return new Await(
          Severity.NORMAL,
          "ExternalProvisioning",
          "Waiting for a volume to be created either by the external provisioner '"
              + provisioner
              + "' or manually by the system administrator. If volume creation is delayed, please"
              + " verify that the provisioner is running and correctly registered.");
    }
    boolean selects = !claim.spec().obj("selector").isEmpty();
    if (selects || claim.volumeMode().equals("Block")) {
      return new Await(
          Severity.WARNING,
          "ProvisioningFailed",
          "failed to provision volume with StorageClass \""
              + storageClass.name()
              + "\": "
              + (selects ? "claim.Spec.Selector is not supported" : "Block is not supported"));
    }
    return new Provision(storageClass, node);
  }

  static Optional<StorageClassView> find(Collection<StorageClassView> classes, String name) {
    return classes.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** The youngest where there are several, as Kubernetes takes it. */
  static Optional<StorageClassView> defaultOf(Collection<StorageClassView> classes) {
    return classes.stream()
        .filter(StorageClassView::isDefault)
        .max(
            java.util.Comparator.comparing(
                    (StorageClassView each) ->
                        each.meta().creationTimestamp().orElse(java.time.Instant.EPOCH))
                .thenComparing(StorageClassView::name, java.util.Comparator.reverseOrder()));
  }
}
