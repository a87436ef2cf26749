package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * The groups that PersistentVolumes ask of those who use them, by an annotation of their
 * administrator's (Kubernetes: Configure a Pod to Use a PersistentVolume, access control). Pure.
 */
public final class VolumeGroups {
  private static final String GID = "pv.beta.kubernetes.io/gid";

  private VolumeGroups() {}

  /** Group ids in the order of the pod's volumes; what is no number asks for none. */
  public static SequencedSet<Long> of(PodView pod, ConfigSource config) {
    SequencedSet<Long> groups = new LinkedHashSet<>();
    for (Volume each : pod.volumes()) {
      if (Claims.name(pod, each).isPresent()) {
        group(pod, each, config).ifPresent(groups::add);
      }
    }
    return groups;
  }

  private static Optional<Long> group(PodView pod, Volume volume, ConfigSource config) {
    try {
      Meta persistent = Meta.of(Claims.persistent(pod, volume, config));
      return number(persistent.annotations().getOrDefault(GID, ""));
    } catch (VolumeException _) {
      return Optional.empty(); // gone while the pod runs on with what it has mounted
    }
  }

  private static Optional<Long> number(String text) {
    return text.matches("[0-9]{1,10}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }
}
