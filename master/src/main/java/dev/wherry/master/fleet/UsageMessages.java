package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.master.samples.UsageReport.ContainerUsage;
import dev.wherry.master.samples.UsageReport.PodUsage;
import dev.wherry.proto.v1.Consumption;
import dev.wherry.proto.v1.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Reads what agents say of usage. Pure. */
final class UsageMessages {
  private UsageMessages() {}

  static UsageReport read(NodeName node, Usage usage) {
    List<PodUsage> pods =
        usage.getPodsList().stream()
            .map(
                pod ->
                    new PodUsage(
                        new ObjectKey(pod.getPod().getNamespace(), pod.getPod().getName()),
                        new PodUid(pod.getPod().getUid()),
                        pod.getContainersList().stream()
                            .map(each -> new ContainerUsage(each.getName(), read(each.getUsed())))
                            .toList()))
            .toList();
    return new UsageReport(
        node,
        Instant.ofEpochMilli(usage.getTimeMillis()),
        Duration.ofMillis(usage.getWindowMillis()),
        read(usage.getNode()),
        pods);
  }

  private static UsageReport.Consumption read(Consumption used) {
    return new UsageReport.Consumption(used.getCpuNanoCores(), used.getMemoryWorkingSetBytes());
  }
}
