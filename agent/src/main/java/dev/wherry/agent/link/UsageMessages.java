package dev.wherry.agent.link;

import dev.wherry.agent.usage.NodeTraffic;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.usage.NodeUsage.Container;
import dev.wherry.api.object.PodUid;
import dev.wherry.proto.v1.Consumption;
import dev.wherry.proto.v1.ContainerUsage;
import dev.wherry.proto.v1.IngressUsage;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.PodUsage;
import dev.wherry.proto.v1.ServiceUsage;
import dev.wherry.proto.v1.Traffic;
import dev.wherry.proto.v1.Usage;
import java.util.LinkedHashMap;
import java.util.Map;

/** Samples of usage as the session's messages. Pure. */
final class UsageMessages {
  private UsageMessages() {}

  static Usage of(NodeUsage usage) {
    Map<PodUid, PodUsage.Builder> pods = new LinkedHashMap<>();
    for (Container each : usage.containers()) {
      pods.computeIfAbsent(each.uid(), _ -> pod(each))
          .addContainers(
              ContainerUsage.newBuilder().setName(each.name()).setUsed(consumption(each.used())));
    }
    Usage.Builder message =
        Usage.newBuilder()
            .setTimeMillis(usage.time().toEpochMilli())
            .setWindowMillis(usage.window().toMillis())
            .setNode(consumption(usage.node()));
    pods.values().forEach(message::addPods);
    return message.setTraffic(traffic(usage.traffic())).build();
  }

  private static Traffic traffic(NodeTraffic traffic) {
    Traffic.Builder message = Traffic.newBuilder();
    traffic
        .services()
        .forEach(
            (key, count) ->
                message.addServices(
                    ServiceUsage.newBuilder()
                        .setNamespace(key.namespace())
                        .setName(key.name())
                        .setRequests(count.requests())
                        .setConnections(count.connections())
                        .setBytes(count.bytes())));
    traffic
        .ingresses()
        .forEach(
            (key, count) ->
                message.addIngresses(
                    IngressUsage.newBuilder()
                        .setNamespace(key.namespace())
                        .setName(key.name())
                        .setRequests(count.requests())
                        .setConnections(count.connections())
                        .setBytes(count.bytes())));
    return message.build();
  }

  private static PodUsage.Builder pod(Container container) {
    return PodUsage.newBuilder()
        .setPod(
            ObjectName.newBuilder()
                .setNamespace(container.pod().namespace())
                .setName(container.pod().name())
                .setUid(container.uid().text()));
  }

  private static Consumption consumption(NodeUsage.Consumption used) {
    return Consumption.newBuilder()
        .setCpuNanoCores(used.cpuNanoCores())
        .setMemoryWorkingSetBytes(used.workingSetBytes())
        .build();
  }
}
