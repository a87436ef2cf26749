package dev.wherry.agent.metrics;

import dev.wherry.agent.metrics.PrometheusText.Type;
import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.pod.ContainerObservation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Renders a sample under the names and labels that cAdvisor gives inside kubelet ({@code
 * metrics/cadvisor}), which dashboards and alerts ask for. Pure.
 */
final class CadvisorMetrics {
  private static final double NANOS = 1e9;

  private record Metric(
      String name,
      Type type,
      String help,
      Map<String, String> more,
      ToDoubleFunction<CgroupStats> value) {}

  private record Traffic(String name, String help, ToDoubleFunction<NetworkStats> value) {}

  private static final List<Metric> METRICS =
      List.of(
          counter(
              "container_cpu_cfs_periods_total",
              "Number of elapsed enforcement period intervals.",
              each -> each.cpu().periods()),
          counter(
              "container_cpu_cfs_throttled_periods_total",
              "Number of throttled period intervals.",
              each -> each.cpu().throttledPeriods()),
          counter(
              "container_cpu_cfs_throttled_seconds_total",
              "Total time duration the container has been throttled.",
              each -> each.cpu().throttledNanos() / NANOS),
          counter(
              "container_cpu_system_seconds_total",
              "Cumulative system cpu time consumed in seconds.",
              each -> each.cpu().systemNanos() / NANOS),
          counter(
              "container_cpu_user_seconds_total",
              "Cumulative user cpu time consumed in seconds.",
              each -> each.cpu().userNanos() / NANOS),
          counter(
              "container_fs_reads_bytes_total",
              "Cumulative count of bytes read",
              each -> each.io().readBytes()),
          counter(
              "container_fs_reads_total",
              "Cumulative count of reads completed",
              each -> each.io().reads()),
          counter(
              "container_fs_writes_bytes_total",
              "Cumulative count of bytes written",
              each -> each.io().writtenBytes()),
          counter(
              "container_fs_writes_total",
              "Cumulative count of writes completed",
              each -> each.io().writes()),
          gauge(
              "container_memory_cache",
              "Number of bytes of page cache memory.",
              each -> each.memory().cacheBytes()),
          counter(
              "container_memory_failcnt",
              "Number of memory usage hits limits",
              each -> each.memory().failures()),
          faults("pgfault", each -> each.memory().pageFaults()),
          gauge(
              "container_memory_mapped_file",
              "Size of memory mapped files in bytes.",
              each -> each.memory().mappedFileBytes()),
          gauge(
              "container_memory_max_usage_bytes",
              "Maximum memory usage recorded in bytes",
              each -> each.memory().maxUsageBytes()),
          gauge("container_memory_rss", "Size of RSS in bytes.", each -> each.memory().rssBytes()),
          gauge(
              "container_memory_swap",
              "Container swap usage in bytes.",
              each -> each.memory().swapBytes()),
          gauge(
              "container_memory_usage_bytes",
              "Current memory usage in bytes, including all memory regardless of when it was"
                  + " accessed",
              each -> each.memory().usageBytes()),
          gauge(
              "container_memory_working_set_bytes",
              "Current working set in bytes.",
              each -> each.memory().workingSetBytes()),
          counter(
              "container_oom_events_total",
              "Count of out of memory events observed for the container",
              each -> each.memory().oomKills()),
          gauge(
              "container_processes",
              "Number of processes running inside the container.",
              CgroupStats::processes),
          gauge(
              "container_spec_cpu_period",
              "CPU period of the container.",
              each -> each.bounds().periodMicros()),
          gauge(
              "container_spec_cpu_shares",
              "CPU share of the container.",
              each -> each.bounds().cpuShares()),
          gauge(
              "container_spec_memory_limit_bytes",
              "Memory limit for the container.",
              each -> each.bounds().memoryBytes()));

  private static final List<Traffic> TRAFFIC =
      List.of(
          new Traffic("receive_bytes", "bytes received", each -> each.received().bytes()),
          new Traffic("receive_errors", "errors while receiving", each -> each.received().errors()),
          new Traffic(
              "receive_packets_dropped",
              "packets dropped while receiving",
              each -> each.received().dropped()),
          new Traffic("receive_packets", "packets received", each -> each.received().packets()),
          new Traffic("transmit_bytes", "bytes transmitted", each -> each.sent().bytes()),
          new Traffic("transmit_errors", "errors while transmitting", each -> each.sent().errors()),
          new Traffic(
              "transmit_packets_dropped",
              "packets dropped while transmitting",
              each -> each.sent().dropped()),
          new Traffic("transmit_packets", "packets transmitted", each -> each.sent().packets()));

  private CadvisorMetrics() {}

  private static Metric counter(String name, String help, ToDoubleFunction<CgroupStats> value) {
    return new Metric(name, Type.COUNTER, help, Map.of(), value);
  }

  private static Metric gauge(String name, String help, ToDoubleFunction<CgroupStats> value) {
    return new Metric(name, Type.GAUGE, help, Map.of(), value);
  }

  private static Metric faults(String type, ToDoubleFunction<CgroupStats> value) {
    return new Metric(
        "container_memory_failures_total",
        Type.COUNTER,
        "Cumulative count of memory allocation failures.",
        Map.of("failure_type", type, "scope", "container"),
        value);
  }

  static String render(Sample sample, DiskSample disks, String version) {
    PrometheusText text = new PrometheusText();
    text.family(
        "cadvisor_version_info",
        Type.GAUGE,
        "A metric with a constant '1' value labeled by kernel version, OS version, docker version,"
            + " cadvisor version & cadvisor revision.");
    text.sample(Map.of("cadvisorVersion", version), 1);
    processors(sample, text);
    for (Metric metric : METRICS) {
      text.family(metric.name(), metric.type(), metric.help());
      for (Container each : containers(sample)) {
        text.sample(labels(each, metric.more()), metric.value().applyAsDouble(each.stats()));
      }
      root(sample, metric.name(), text);
    }
    quotas(sample, text);
    times(sample, text);
    FileSystemMetrics.containers(sample, disks, text);
    traffic(sample, text);
    machine(sample.node(), text);
    return text.toString();
  }

  static List<Container> containers(Sample sample) {
    return sample.pods().stream().flatMap(pod -> pod.containers().stream()).toList();
  }

  static Map<String, String> labels(Container container, Map<String, String> more) {
    ContainerObservation seen = container.seen();
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("container", seen.name());
    labels.putAll(more);
    labels.put("id", container.stats().path());
    labels.put("image", seen.image());
    labels.put("name", seen.id());
    labels.put("namespace", seen.pod().namespace());
    labels.put("pod", seen.pod().name());
    return labels;
  }

  static Map<String, String> rootLabels(Map<String, String> more) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("container", "");
    labels.putAll(more);
    labels.put("id", "/");
    for (String name : List.of("image", "name", "namespace", "pod")) {
      labels.put(name, "");
    }
    return labels;
  }

  private static void processors(Sample sample, PrometheusText text) {
    text.family(
        "container_cpu_usage_seconds_total",
        Type.COUNTER,
        "Cumulative cpu time consumed in seconds.");
    Map<String, String> total = Map.of("cpu", "total");
    for (Container each : containers(sample)) {
      text.sample(labels(each, total), each.stats().cpu().usageNanos() / NANOS);
    }
    text.sample(rootLabels(total), sample.node().cpuNanos() / NANOS);
  }

  /** The machine as a whole is the group {@code /}. */
  private static void root(Sample sample, String name, PrometheusText text) {
    NodeStats.Memory memory = sample.node().memory();
    switch (name) {
      case "container_memory_usage_bytes" -> text.sample(rootLabels(Map.of()), memory.usageBytes());
      case "container_memory_working_set_bytes" ->
          text.sample(rootLabels(Map.of()), memory.workingSetBytes());
      case "container_memory_rss" -> text.sample(rootLabels(Map.of()), memory.rssBytes());
      default -> {
        // The kernel counts it for groups alone.
      }
    }
  }

  private static void quotas(Sample sample, PrometheusText text) {
    text.family("container_spec_cpu_quota", Type.GAUGE, "CPU quota of the container.");
    for (Container each : containers(sample)) {
      if (each.stats().bounds().quotaMicros() > 0) {
        text.sample(labels(each, Map.of()), each.stats().bounds().quotaMicros());
      }
    }
  }

  private static void times(Sample sample, PrometheusText text) {
    text.family(
        "container_start_time_seconds",
        Type.GAUGE,
        "Start time of the container since unix epoch in seconds.");
    for (Container each : containers(sample)) {
      text.sample(labels(each, Map.of()), each.seen().startedAt().toEpochMilli() / 1e3);
    }
    text.family(
        "container_last_seen", Type.GAUGE, "Last time a container was seen by the exporter");
    for (Container each : containers(sample)) {
      text.sample(labels(each, Map.of()), sample.node().time().getEpochSecond());
    }
  }

  private static void traffic(Sample sample, PrometheusText text) {
    for (Traffic each : TRAFFIC) {
      text.family(
          "container_network_" + each.name() + "_total",
          Type.COUNTER,
          "Cumulative count of " + each.help());
      for (Sample.Pod pod : sample.pods()) {
        for (NetworkStats network : pod.network()) {
          text.sample(labels(pod, network), each.value().applyAsDouble(network));
        }
      }
    }
  }

  /** A pod's interfaces belong to none of its containers. */
  private static Map<String, String> labels(Sample.Pod pod, NetworkStats network) {
    String path = pod.containers().getFirst().stats().path();
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("container", "");
    labels.put("id", path.substring(0, Math.max(0, path.lastIndexOf('/'))));
    labels.put("image", "");
    labels.put("interface", network.name());
    labels.put("name", "");
    labels.put("namespace", pod.key().namespace());
    labels.put("pod", pod.key().name());
    return labels;
  }

  private static void machine(NodeStats node, PrometheusText text) {
    text.family("machine_cpu_cores", Type.GAUGE, "Number of logical CPU cores.");
    text.sample(Map.of(), node.cpus());
    text.family("machine_memory_bytes", Type.GAUGE, "Amount of memory installed on the machine.");
    text.sample(Map.of(), node.memory().totalBytes());
    text.family(
        "machine_swap_bytes", Type.GAUGE, "Amount of swap memory available on the machine.");
    text.sample(Map.of(), node.memory().swapTotalBytes());
    text.family(
        "container_scrape_error",
        Type.GAUGE,
        "1 if there was an error while getting container metrics, 0 otherwise");
    text.sample(Map.of(), 0);
  }
}
