package dev.wherry.agent.link;

import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.usage.NodeUsage.Container;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.proto.v1.Consumption;
import dev.wherry.proto.v1.ContainerUsage;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.PodUsage;
import dev.wherry.proto.v1.Usage;
import java.util.LinkedHashMap;
import java.util.Map;

/** Samples of usage as the session's messages. Pure. */
final class UsageMessages {
  private UsageMessages() {}

  static Usage of(NodeUsage usage) {
    Map<ObjectKey, PodUsage.Builder> pods = new LinkedHashMap<>();
    for (Container each : usage.containers()) {
      pods.computeIfAbsent(each.pod(), UsageMessages::pod)
          .addContainers(
              ContainerUsage.newBuilder().setName(each.name()).setUsed(consumption(each.used())));
    }
    Usage.Builder message =
        Usage.newBuilder()
            .setTimeMillis(usage.time().toEpochMilli())
            .setWindowMillis(usage.window().toMillis())
            .setNode(consumption(usage.node()));
    pods.values().forEach(message::addPods);
    return message.build();
  }

  private static PodUsage.Builder pod(ObjectKey key) {
    return PodUsage.newBuilder()
        .setPod(ObjectName.newBuilder().setNamespace(key.namespace()).setName(key.name()));
  }

  private static Consumption consumption(NodeUsage.Consumption used) {
    return Consumption.newBuilder()
        .setCpuNanoCores(used.cpuNanoCores())
        .setMemoryWorkingSetBytes(used.workingSetBytes())
        .build();
  }
}
