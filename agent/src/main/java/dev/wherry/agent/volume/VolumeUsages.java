package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.linux.FileSystemUse;
import dev.wherry.agent.linux.LinuxException;
import dev.wherry.agent.linux.TreeSize;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Source;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how full the volumes of pods are, as kubelet does: not those of {@code hostPath} and {@code
 * image}, nor devices. Asked is the file system where it counts (its quotas, a volume that is one);
 * where it does not, trees are gone through now and then. Thread-safe; blocks.
 */
public record VolumeUsages(DesiredState desired, PodDirectories directories, TreeSizes trees) {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeUsages.class);

  /** Those of each of the pods; what is not known yet is left out. */
  public Map<PodUid, List<VolumeUsage>> read(Set<PodUid> pods) throws IOException {
    TreeSizes.Reading reading = trees.read();
    Map<PodUid, List<VolumeUsage>> all = new HashMap<>();
    for (var each : desired.all(Resource.PODS)) {
      PodView pod = new PodView(each);
      if (pods.contains(pod.uid())) {
        all.put(pod.uid(), of(pod, reading));
      }
    }
    return all;
  }

  private List<VolumeUsage> of(PodView pod, TreeSizes.Reading reading) throws IOException {
    List<VolumeUsage> usages = new ArrayList<>();
    for (Volume each : pod.volumes()) {
      boolean scratch = each.source() instanceof Source.EmptyDir dir && dir.medium().isEmpty();
      use(pod, each, reading)
          .map(use -> new VolumeUsage(each.name(), claim(pod, each), scratch, use))
          .ifPresent(usages::add);
    }
    return usages;
  }

  private static Optional<ObjectKey> claim(PodView pod, Volume volume) {
    return Claims.name(pod, volume).map(name -> new ObjectKey(pod.key().namespace(), name));
  }

  private Optional<FileSystemUse> use(PodView pod, Volume volume, TreeSizes.Reading reading)
      throws IOException {
    Path inMemory = directories.runVolume(pod.uid(), volume.name());
    try {
      return switch (volume.source()) {
        case Source.EmptyDir dir when dir.medium().isEmpty() ->
            tree(directories.volume(pod.uid(), volume.name()), reading);
        case Source.EmptyDir _ -> Optional.of(FileSystemUse.of(inMemory));
        case Source.ConfigMap _, Source.Secret _, Source.DownwardApi _, Source.Projected _ ->
            Optional.of(FileSystemUse.of(inMemory).holding(TreeSize.measure(inMemory)));
        case Source.PersistentVolumeClaim _, Source.Ephemeral _ ->
            claimed(
                Claims.find(pod, volume, ConfigSource.of(desired, pod.key().namespace())), reading);
        case Source.HostPath _, Source.Image _, Source.Other _ -> Optional.empty();
      };
    } catch (VolumeException | FileSystemException | LinuxException e) {
      LOG.debug("{} of {}: {}", volume.name(), pod.key(), e.getMessage()); // the pod begins or ends
      return Optional.empty();
    }
  }

  private static Optional<FileSystemUse> claimed(
      VolumePlan.Claimed claimed, TreeSizes.Reading reading) throws IOException {
    Path path = Path.of(claimed.path());
    if (claimed.block()) {
      return Optional.empty();
    }
    return switch (claimed.kind()) {
      case LOCAL -> Optional.of(FileSystemUse.of(path));
      case PROVISIONED ->
          tree(path, reading)
              .map(use -> claimed.sizeBytes() > 0 ? use.boundedTo(claimed.sizeBytes()) : use);
      case HOST_PATH -> Optional.empty();
    };
  }

  private static Optional<FileSystemUse> tree(Path directory, TreeSizes.Reading reading)
      throws IOException {
    FileSystemUse disk = FileSystemUse.of(directory);
    Optional<TreeSize> counted = VolumeQuotas.used(directory);
    return (counted.isPresent() ? counted : reading.of(directory)).map(disk::holding);
  }
}
