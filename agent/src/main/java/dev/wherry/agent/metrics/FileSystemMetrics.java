package dev.wherry.agent.metrics;

import dev.wherry.agent.linux.FileSystemUse;
import dev.wherry.agent.metrics.PrometheusText.Type;
import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.volume.VolumeUsage;
import dev.wherry.api.object.ObjectKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Renders what lies on disks: under cAdvisor's names for containers and the node, under kubelet's
 * for claims. Pure.
 */
final class FileSystemMetrics {

  private record Figure(String name, String help, ToDoubleFunction<FileSystemUse> value) {}

  private static final List<Figure> NODE =
      List.of(
          new Figure(
              "container_fs_inodes_free", "Number of available Inodes", FileSystemUse::inodesFree),
          new Figure("container_fs_inodes_total", "Number of Inodes", FileSystemUse::inodes),
          new Figure(
              "container_fs_limit_bytes",
              "Number of bytes that can be consumed by the container on this filesystem.",
              FileSystemUse::capacityBytes));

  private static final List<Figure> CLAIMS =
      List.of(
          new Figure(
              "available_bytes",
              "Number of available bytes in the volume",
              FileSystemUse::availableBytes),
          new Figure(
              "capacity_bytes", "Capacity in bytes of the volume", FileSystemUse::capacityBytes),
          new Figure("inodes", "Maximum number of inodes in the volume", FileSystemUse::inodes),
          new Figure(
              "inodes_free", "Number of free inodes in the volume", FileSystemUse::inodesFree),
          new Figure(
              "inodes_used", "Number of used inodes in the volume", FileSystemUse::inodesUsed),
          new Figure("used_bytes", "Number of used bytes in the volume", FileSystemUse::usedBytes));

  private FileSystemMetrics() {}

  /** {@code container_fs_...}: what containers have written, and all that the node can hold. */
  static void containers(Sample sample, DiskSample disks, PrometheusText text) {
    Map<String, String> device = Map.of("device", disks.device());
    for (Figure each : NODE) {
      text.family(each.name(), Type.GAUGE, each.help());
      text.sample(CadvisorMetrics.rootLabels(device), each.value().applyAsDouble(disks.node()));
    }
    text.family(
        "container_fs_usage_bytes",
        Type.GAUGE,
        "Number of bytes that are consumed by the container on this filesystem.");
    for (Container each : CadvisorMetrics.containers(sample)) {
      if (disks.files(each).layer().isPresent()) {
        text.sample(CadvisorMetrics.labels(each, device), disks.files(each).all().bytes());
      }
    }
    text.sample(CadvisorMetrics.rootLabels(device), disks.node().usedBytes());
  }

  /** {@code kubelet_volume_stats_...}: of a claim once, though several pods have it. */
  static String claims(Collection<VolumeUsage> volumes) {
    PrometheusText text = new PrometheusText();
    for (Figure figure : CLAIMS) {
      text.family("kubelet_volume_stats_" + figure.name(), Type.GAUGE, figure.help());
      Set<ObjectKey> told = new HashSet<>();
      for (VolumeUsage volume : volumes) {
        volume
            .claim()
            .filter(told::add)
            .ifPresent(
                claim -> text.sample(labels(claim), figure.value().applyAsDouble(volume.use())));
      }
    }
    return text.toString();
  }

  private static Map<String, String> labels(ObjectKey claim) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("namespace", claim.namespace());
    labels.put("persistentvolumeclaim", claim.name());
    return labels;
  }
}
