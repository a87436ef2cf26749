package dev.wherry.agent.sync;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.volume.VolumeException;
import dev.wherry.agent.volume.VolumePlan;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Projection;
import dev.wherry.api.view.Volume.Source;
import dev.wherry.api.view.VolumeDevice;
import dev.wherry.api.view.VolumeMount;
import java.util.List;
import java.util.stream.Stream;

/** Which pods' volumes follow which objects. Pure. */
final class VolumeUse {
  private VolumeUse() {}

  /** Whether a volume of the pod holds something of this object of its namespace. */
  static boolean uses(PodView pod, Resource resource, String name) {
    return pod.volumes().stream().anyMatch(volume -> uses(volume.source(), resource, name));
  }

  private static boolean uses(Source source, Resource resource, String name) {
    return switch (source) {
      case Source.ConfigMap map -> resource == Resource.CONFIG_MAPS && map.name().equals(name);
      case Source.Secret secret -> resource == Resource.SECRETS && secret.name().equals(name);
      case Source.Projected projected ->
          projected.sources().stream().anyMatch(each -> uses(each, resource, name));
      default -> false;
    };
  }

  private static boolean uses(Projection projection, Resource resource, String name) {
    return switch (projection) {
      case Projection.ConfigMap map -> resource == Resource.CONFIG_MAPS && map.name().equals(name);
      case Projection.Secret secret -> resource == Resource.SECRETS && secret.name().equals(name);
      case Projection.ClusterTrustBundle bundle ->
          resource == Resource.CLUSTER_TRUST_BUNDLES
              && (bundle.name().isEmpty() || bundle.name().equals(name));
      default -> false;
    };
  }

  /**
   * Refuses to mount a block device, and to hand on files as one.
   *
   * @throws VolumeException in Kubernetes' words
   */
  static void checkMode(PodView pod, String volume, VolumePlan plan) throws VolumeException {
    boolean block = plan instanceof VolumePlan.Claimed claimed && claimed.block();
    boolean other =
        Stream.of(pod.initContainers(), pod.containers())
            .flatMap(List::stream)
            .flatMap(each -> block ? mounts(each) : devices(each))
            .anyMatch(volume::equals);
    if (other) {
      throw new VolumeException(
          "volume %s has volumeMode %s, but is specified in %s"
              .formatted(
                  volume,
                  block ? "Block" : "Filesystem",
                  block ? "volumeMounts" : "volumeDevices"));
    }
  }

  private static Stream<String> mounts(ContainerView container) {
    return container.volumeMounts().stream().map(VolumeMount::name);
  }

  private static Stream<String> devices(ContainerView container) {
    return container.volumeDevices().stream().map(VolumeDevice::name);
  }

  /** Whether volumes of the pod show its own labels or annotations, and those changed. */
  static boolean showsChange(PodView before, PodView now) {
    boolean same =
        before.meta().labels().equals(now.meta().labels())
            && before.meta().annotations().equals(now.meta().annotations());
    return !same && now.volumes().stream().anyMatch(VolumeUse::showsPod);
  }

  private static boolean showsPod(Volume volume) {
    return switch (volume.source()) {
      case Source.DownwardApi _ -> true;
      case Source.Projected projected ->
          projected.sources().stream().anyMatch(Projection.DownwardApi.class::isInstance);
      default -> false;
    };
  }
}
