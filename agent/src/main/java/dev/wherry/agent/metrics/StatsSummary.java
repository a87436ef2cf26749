package dev.wherry.agent.metrics;

import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.metrics.Sample.Pod;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Renders a sample as kubelet's {@code stats/summary} (stats.k8s.io v1alpha1, Summary). Rates are
 * those of the last usage sample; a container that it does not know has none. Pure.
 */
final class StatsSummary {
  private final Sample sample;
  private final Optional<NodeUsage> rates;
  private final String time;
  private final DiskSummary disks;

  private StatsSummary(Sample sample, DiskSample disks, Optional<NodeUsage> rates) {
    this.sample = sample;
    this.rates = rates;
    this.time = Times.format(sample.node().time());
    this.disks = new DiskSummary(disks, time);
  }

  static Obj render(String nodeName, Sample sample, DiskSample disks, Optional<NodeUsage> rates) {
    StatsSummary summary = new StatsSummary(sample, disks, rates);
    return Obj.of("node", summary.node(nodeName), "pods", summary.pods());
  }

  private Obj node(String name) {
    NodeStats node = sample.node();
    NodeStats.Memory memory = node.memory();
    return Obj.builder()
        .put("nodeName", name)
        .put("startTime", Times.format(node.bootTime()))
        .put("cpu", cpu(node.cpuNanos(), rates.map(each -> each.node().cpuNanoCores())))
        .put(
            "memory",
            Obj.builder()
                .put("time", time)
                .put("availableBytes", memory.availableBytes())
                .put("usageBytes", memory.usageBytes())
                .put("workingSetBytes", memory.workingSetBytes())
                .put("rssBytes", memory.rssBytes())
                .put("pageFaults", memory.pageFaults())
                .put("majorPageFaults", memory.majorPageFaults())
                .build())
        .put("fs", disks.node())
        .put("runtime", disks.runtime())
        .build();
  }

  private Obj cpu(long nanos, Optional<Long> nanoCores) {
    Obj.Builder cpu = Obj.builder().put("time", time);
    nanoCores.ifPresent(each -> cpu.put("usageNanoCores", each));
    return cpu.put("usageCoreNanoSeconds", nanos).build();
  }

  private List<Obj> pods() {
    return sample.pods().stream().map(this::pod).toList();
  }

  private Obj pod(Pod pod) {
    Instant start =
        pod.containers().stream()
            .map(each -> each.seen().startedAt())
            .min(Instant::compareTo)
            .orElse(sample.node().time());
    Obj.Builder json =
        Obj.builder()
            .put(
                "podRef",
                Obj.of(
                    "name",
                    pod.key().name(),
                    "namespace",
                    pod.key().namespace(),
                    "uid",
                    pod.uid().text()))
            .put("startTime", Times.format(start))
            .put("containers", pod.containers().stream().map(this::container).toList())
            .put("cpu", cpu(pod.cpuNanos(), podRate(pod)))
            .put(
                "memory",
                Obj.of(
                    "time",
                    time,
                    "usageBytes",
                    sum(pod, stats -> stats.memory().usageBytes()),
                    "workingSetBytes",
                    pod.workingSetBytes(),
                    "rssBytes",
                    sum(pod, stats -> stats.memory().rssBytes())));
    disks.put(pod, json);
    if (!pod.network().isEmpty()) {
      json.put("network", network(pod.network()));
    }
    return json.build();
  }

  private static long sum(Pod pod, ToLongFunction<CgroupStats> value) {
    return pod.containers().stream().map(Container::stats).mapToLong(value).sum();
  }

  private Optional<Long> podRate(Pod pod) {
    return rates.map(
        usage ->
            usage.containers().stream()
                .filter(each -> each.pod().equals(pod.key()))
                .mapToLong(each -> each.used().cpuNanoCores())
                .sum());
  }

  private Obj container(Container container) {
    CgroupStats.Memory memory = container.stats().memory();
    long limit = container.stats().bounds().memoryBytes();
    Obj.Builder json =
        Obj.builder()
            .put("time", time)
            .put("usageBytes", memory.usageBytes())
            .put("workingSetBytes", memory.workingSetBytes())
            .put("rssBytes", memory.rssBytes())
            .put("pageFaults", memory.pageFaults())
            .put("majorPageFaults", memory.majorPageFaults());
    if (limit > 0) {
      json.put("availableBytes", Math.max(0, limit - memory.workingSetBytes()));
    }
    Obj.Builder whole =
        Obj.builder()
            .put("name", container.seen().name())
            .put("startTime", Times.format(container.seen().startedAt()))
            .put("cpu", cpu(container.stats().cpu().usageNanos(), rate(container)))
            .put("memory", json.build());
    disks.put(container, whole);
    return whole.build();
  }

  private Optional<Long> rate(Container container) {
    return rates.stream()
        .flatMap(usage -> usage.containers().stream())
        .filter(each -> each.pod().equals(container.seen().pod()))
        .filter(each -> each.name().equals(container.seen().name()))
        .map(each -> each.used().cpuNanoCores())
        .findFirst();
  }

  private Obj network(List<NetworkStats> all) {
    List<Obj> interfaces = all.stream().map(StatsSummary::face).toList();
    return interfaces.getFirst().with("time", time).with("interfaces", interfaces);
  }

  private static Obj face(NetworkStats each) {
    return Obj.of(
        "name",
        each.name(),
        "rxBytes",
        each.received().bytes(),
        "rxErrors",
        each.received().errors(),
        "txBytes",
        each.sent().bytes(),
        "txErrors",
        each.sent().errors());
  }
}
