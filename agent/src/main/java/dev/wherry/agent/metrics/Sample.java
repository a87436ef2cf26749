package dev.wherry.agent.metrics;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What node, pods and running containers have consumed by one moment. Immutable. */
record Sample(NodeStats node, List<Pod> pods) {

  /**
   * A pod with its running containers.
   *
   * @param network empty for a pod in the host's network
   */
  record Pod(ObjectKey key, PodUid uid, List<Container> containers, List<NetworkStats> network) {
    long cpuNanos() {
      return containers.stream().mapToLong(each -> each.stats().cpu().usageNanos()).sum();
    }

    long workingSetBytes() {
      return containers.stream().mapToLong(each -> each.stats().memory().workingSetBytes()).sum();
    }

    long swapBytes() {
      return containers.stream().mapToLong(each -> each.stats().memory().swapBytes()).sum();
    }
  }

  /** A running container. */
  record Container(ContainerObservation seen, CgroupStats stats) {}

  /** Reads the kernel's files; containers that end meanwhile are left out. */
  static Sample read(ContainerRuntime runtime, Instant now) throws IOException {
    Map<PodUid, List<Container>> byPod = new LinkedHashMap<>();
    List<ContainerObservation> running =
        runtime.list().stream()
            .filter(ContainerObservation::isRunning)
            .sorted(Comparator.comparing(each -> each.pod() + "/" + each.name()))
            .toList();
    for (ContainerObservation each : running) {
      CgroupStats.ofProcess(each.pid())
          .ifPresent(
              stats ->
                  byPod
                      .computeIfAbsent(each.podUid(), _ -> new ArrayList<>())
                      .add(new Container(each, stats)));
    }
    String host = namespace("self");
    List<Pod> pods = new ArrayList<>();
    byPod.forEach(
        (uid, containers) -> {
          ContainerObservation one = containers.getFirst().seen();
          boolean isHosts = namespace(Long.toString(one.pid())).equals(host);
          pods.add(
              new Pod(
                  one.pod(),
                  uid,
                  containers,
                  isHosts ? List.of() : NetworkStats.ofProcess(one.pid())));
        });
    return new Sample(NodeStats.read(now), pods);
  }

  private static String namespace(String process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", process, "ns", "net")).toString();
    } catch (IOException _) {
      return ""; // it has ended: its counters are gone too
    }
  }
}
