package dev.wherry.agent.metrics;

import dev.wherry.agent.linux.FileSystemUse;
import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.metrics.Sample.Pod;
import dev.wherry.agent.volume.VolumeUsage;
import dev.wherry.api.tree.Obj;
import java.util.List;

/** Renders file systems as they stand in a summary (stats.k8s.io v1alpha1, FsStats). Pure. */
record DiskSummary(DiskSample disks, String time) {

  Obj node() {
    return stats(disks.node()).build();
  }

  /** Images, and what containers write, lie on the node's. */
  Obj runtime() {
    return Obj.of("imageFs", node(), "containerFs", node());
  }

  /** A container's {@code rootfs} where it is known, and its {@code logs}. */
  void put(Container container, Obj.Builder json) {
    DiskSample.ContainerFiles files = disks.files(container);
    files
        .layer()
        .ifPresent(layer -> json.put("rootfs", stats(disks.node().holding(layer)).build()));
    json.put("logs", stats(disks.node().holding(files.logs())).build());
  }

  /** A pod's {@code volume} and {@code ephemeral-storage}. */
  void put(Pod pod, Obj.Builder json) {
    List<Obj> volumes = disks.volumes(pod).stream().map(this::volume).toList();
    if (!volumes.isEmpty()) {
      json.put("volume", volumes);
    }
    json.put("ephemeral-storage", stats(disks.node().holding(disks.scratch(pod))).build());
  }

  private Obj volume(VolumeUsage volume) {
    Obj.Builder json = stats(volume.use()).put("name", volume.name());
    volume
        .claim()
        .ifPresent(
            claim ->
                json.put("pvcRef", Obj.of("name", claim.name(), "namespace", claim.namespace())));
    return json.build();
  }

  private Obj.Builder stats(FileSystemUse use) {
    return Obj.builder()
        .put("time", time)
        .put("availableBytes", use.availableBytes())
        .put("capacityBytes", use.capacityBytes())
        .put("usedBytes", use.usedBytes())
        .put("inodesFree", use.inodesFree())
        .put("inodes", use.inodes())
        .put("inodesUsed", use.inodesUsed());
  }
}
