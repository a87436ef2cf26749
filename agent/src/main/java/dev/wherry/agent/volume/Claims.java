package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.volume.VolumePlan.Claimed;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Source;
import java.util.List;
import java.util.Optional;

/** From a pod's volume over its claim to a path of this node. Pure. */
final class Claims {
  private static final String PROVISIONER = "wherry.dev/local";
  private static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

  private Claims() {}

  /** The claim that the volume is about; empty: it is about none. */
  static Optional<String> name(PodView pod, Volume volume) {
    return switch (volume.source()) {
      case Source.PersistentVolumeClaim claim -> Optional.of(claim.claimName());
      case Source.Ephemeral _ -> Optional.of(pod.meta().name() + "-" + volume.name());
      default -> Optional.empty();
    };
  }

  /**
   * Where the claim of the volume lies.
   *
   * @throws VolumeException when it is not bound, not the pod's, or to no volume of this node
   */
  static Claimed find(PodView pod, Volume volume, ConfigSource config) throws VolumeException {
    boolean asked =
        volume.source() instanceof Source.PersistentVolumeClaim source && source.readOnly();
    return located(persistent(pod, volume, config), asked);
  }

  /** The PersistentVolume behind the claim of the volume; throws as {@link #find}. */
  static Obj persistent(PodView pod, Volume volume, ConfigSource config) throws VolumeException {
    String name = name(pod, volume).orElseThrow();
    Obj claim =
        config
            .claim(name)
            .orElseThrow(
                () -> new VolumeException("persistentvolumeclaim \"" + name + "\" not found"));
    if (volume.source() instanceof Source.Ephemeral) {
      checkOwner(pod, name, claim);
    }
    String bound = claim.obj("spec").string("volumeName");
    if (bound.isEmpty() || !claim.obj("status").string("phase").equals("Bound")) {
      throw new VolumeException(
          "error processing PVC " + pod.key().namespace() + "/" + name + ": PVC is not bound");
    }
    return config
        .volume(bound)
        .orElseThrow(() -> new VolumeException("persistentvolume \"" + bound + "\" not found"));
  }

  private static void checkOwner(PodView pod, String name, Obj claim) throws VolumeException {
    boolean ours =
        claim.obj("metadata").objs("ownerReferences").stream()
            .anyMatch(each -> each.string("uid").equals(pod.uid().text()));
    if (!ours) {
      throw new VolumeException(
          "PVC "
              + pod.key().namespace()
              + "/"
              + name
              + " was not created for pod "
              + pod.key()
              + " (pod is not owner)");
    }
  }

  private static Claimed located(Obj persistent, boolean askedReadOnly) throws VolumeException {
    Obj spec = persistent.obj("spec");
    boolean onlyRead = askedReadOnly || spec.strings("accessModes").equals(List.of("ReadOnlyMany"));
    long size =
        spec.obj("capacity")
            .get("storage")
            .map(each -> Quantity.parse(each.toString()).wholeCeiling())
            .orElse(0L);
    boolean block = spec.string("volumeMode").equals("Block");
    if (spec.has("hostPath")) {
      Obj host = spec.obj("hostPath");
      boolean ours = PROVISIONER.equals(Meta.of(persistent).annotations().get(PROVISIONED_BY));
      return new Claimed(
          host.string("path"),
          ours ? Claimed.Kind.PROVISIONED : Claimed.Kind.HOST_PATH,
          host.string("type"),
          onlyRead,
          block,
          size);
    }
    if (spec.has("local")) {
      return new Claimed(
          spec.obj("local").string("path"), Claimed.Kind.LOCAL, "", onlyRead, block, size);
    }
    throw new VolumeException(
        "no volume plugin matched persistentvolume \"" + Meta.of(persistent).name() + "\"");
  }
}
