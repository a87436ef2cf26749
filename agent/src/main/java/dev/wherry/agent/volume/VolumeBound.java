package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much a volume may hold: an emptyDir on disk with a size limit, a claim that this cluster made
 * a directory for. Where the file system does not bound it ({@link VolumeQuotas}), or not for a
 * privileged container, it is watched. Immutable.
 *
 * @param bytes at most
 * @param objection why a pod has to leave whose volume holds more
 */
public record VolumeBound(Path directory, long bytes, String objection) {

  /** Whether a volume of the pod may have a bound: without a look at its claims. */
  public static boolean mayBeBounded(PodView pod) {
    return pod.volumes().stream().anyMatch(each -> mayBeBounded(each.source()));
  }

  private static boolean mayBeBounded(Source source) {
    return switch (source) {
      case Source.EmptyDir dir -> dir.medium().isEmpty() && sizeBytes(dir) > 0;
      case Source.PersistentVolumeClaim _, Source.Ephemeral _ -> true;
      default -> false;
    };
  }

  /** 0: no bound. */
  private static long sizeBytes(Source.EmptyDir dir) {
    return dir.sizeLimit().isEmpty() ? 0 : Quantity.parse(dir.sizeLimit()).wholeCeiling();
  }

  /** The bounds of a pod's volumes. A claim that is gone or not here has none. */
  public static List<VolumeBound> of(PodView pod, ConfigSource config, PodDirectories directories) {
    List<VolumeBound> bounds = new ArrayList<>();
    for (Volume each : pod.volumes()) {
      switch (each.source()) {
        case Source.EmptyDir dir when mayBeBounded(dir) ->
            bounds.add(
                new VolumeBound(
                    directories.volume(pod.uid(), each.name()),
                    sizeBytes(dir),
                    "Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". "
                        .formatted(each.name(), dir.sizeLimit())));
        case Source.PersistentVolumeClaim _, Source.Ephemeral _ ->
            claimed(pod, each, config).ifPresent(bounds::add);
        default -> {
          // Bounded by its file system, or not ours to bound.
        }
      }
    }
    return bounds;
  }

  private static Optional<VolumeBound> claimed(PodView pod, Volume volume, ConfigSource config) {
    try {
      VolumePlan.Claimed claimed = Claims.find(pod, volume, config);
      boolean ours = claimed.kind() == VolumePlan.Claimed.Kind.PROVISIONED && !claimed.block();
      return ours && claimed.sizeBytes() > 0
          ? Optional.of(
              new VolumeBound(
                  Path.of(claimed.path()),
                  claimed.sizeBytes(),
                  "Usage of persistentvolumeclaim \"%s\" exceeds its capacity of %d bytes. "
                      .formatted(
                          Claims.name(pod, volume).orElse(volume.name()), claimed.sizeBytes())))
          : Optional.empty();
    } catch (VolumeException _) {
      return Optional.empty(); // the pod does not have it
    }
  }
}
