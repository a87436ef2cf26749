package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.master.samples.UsageReport.ContainerUsage;
import dev.wherry.master.samples.UsageReport.Counters;
import dev.wherry.master.samples.UsageReport.PodUsage;
import dev.wherry.master.samples.UsageReport.Target;
import dev.wherry.master.samples.UsageReport.Traffic;
import dev.wherry.proto.v1.Consumption;
import dev.wherry.proto.v1.IngressUsage;
import dev.wherry.proto.v1.ServiceUsage;
import dev.wherry.proto.v1.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        pods,
        usage.hasTraffic() ? Optional.of(read(usage.getTraffic())) : Optional.empty());
  }

  private static Traffic read(dev.wherry.proto.v1.Traffic message) {
    Map<Target, Counters> targets = new HashMap<>();
    for (ServiceUsage each : message.getServicesList()) {
      targets.put(
          new Target(Target.Kind.SERVICE, new ObjectKey(each.getNamespace(), each.getName())),
          new Counters(each.getRequests(), each.getConnections(), each.getBytes()));
    }
    for (IngressUsage each : message.getIngressesList()) {
      targets.put(
          new Target(Target.Kind.INGRESS, new ObjectKey(each.getNamespace(), each.getName())),
          new Counters(each.getRequests(), each.getConnections(), each.getBytes()));
    }
    return new Traffic(targets);
  }

  private static UsageReport.Consumption read(Consumption used) {
    return new UsageReport.Consumption(used.getCpuNanoCores(), used.getMemoryWorkingSetBytes());
  }
}
