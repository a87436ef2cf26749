package dev.wherry.agent.metrics;

import dev.wherry.agent.metrics.PrometheusText.Type;
import dev.wherry.agent.metrics.Sample.Container;
import dev.wherry.agent.metrics.Sample.Pod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Renders a sample as kubelet's {@code metrics/resource} (Resource Metrics API v1). Pure. */
final class ResourceMetrics {
  private static final double NANOS = 1e9;

  private ResourceMetrics() {}

  static String render(Sample sample) {
    PrometheusText text = new PrometheusText();
    long at = sample.node().time().toEpochMilli();
    containers(
        sample,
        text,
        "container_cpu_usage_seconds_total",
        Type.COUNTER,
        "Cumulative cpu time consumed by the container in core-seconds",
        each -> each.stats().cpu().usageNanos() / NANOS);
    containers(
        sample,
        text,
        "container_memory_working_set_bytes",
        Type.GAUGE,
        "Current working set of the container in bytes",
        each -> each.stats().memory().workingSetBytes());
    text.family(
        "container_start_time_seconds",
        Type.GAUGE,
        "Start time of the container since unix epoch in seconds");
    for (Pod pod : sample.pods()) {
      for (Container each : pod.containers()) {
        text.sample(labels(pod, each), each.seen().startedAt().toEpochMilli() / 1e3);
      }
    }
    containers(
        sample,
        text,
        "container_swap_usage_bytes",
        Type.GAUGE,
        "Current amount of the container swap usage in bytes.",
        each -> each.stats().memory().swapBytes());
    node(sample.node(), text, at);
    pods(
        sample,
        text,
        "pod_cpu_usage_seconds_total",
        Type.COUNTER,
        "Cumulative cpu time consumed by the pod in core-seconds",
        pod -> pod.cpuNanos() / NANOS);
    pods(
        sample,
        text,
        "pod_memory_working_set_bytes",
        Type.GAUGE,
        "Current working set of the pod in bytes",
        Pod::workingSetBytes);
    pods(
        sample,
        text,
        "pod_swap_usage_bytes",
        Type.GAUGE,
        "Current amount of the pod swap usage in bytes.",
        Pod::swapBytes);
    text.family(
        "resource_scrape_error",
        Type.GAUGE,
        "1 if there was an error while getting container metrics, 0 otherwise");
    text.sample(Map.of(), 0);
    return text.toString();
  }

  private static void containers(
      Sample sample,
      PrometheusText text,
      String name,
      Type type,
      String help,
      ToDoubleFunction<Container> value) {
    text.family(name, type, help);
    for (Pod pod : sample.pods()) {
      for (Container each : pod.containers()) {
        text.sample(
            labels(pod, each), value.applyAsDouble(each), sample.node().time().toEpochMilli());
      }
    }
  }

  private static Map<String, String> labels(Pod pod, Container container) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("container", container.seen().name());
    labels.putAll(labels(pod));
    return labels;
  }

  private static Map<String, String> labels(Pod pod) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("namespace", pod.key().namespace());
    labels.put("pod", pod.key().name());
    return labels;
  }

  private static void pods(
      Sample sample,
      PrometheusText text,
      String name,
      Type type,
      String help,
      ToDoubleFunction<Pod> value) {
    text.family(name, type, help);
    for (Pod pod : sample.pods()) {
      text.sample(labels(pod), value.applyAsDouble(pod), sample.node().time().toEpochMilli());
    }
  }

  private static void node(NodeStats node, PrometheusText text, long at) {
    text.family(
        "node_cpu_usage_seconds_total",
        Type.COUNTER,
        "Cumulative cpu time consumed by the node in core-seconds");
    text.sample(Map.of(), node.cpuNanos() / NANOS, at);
    text.family(
        "node_memory_working_set_bytes", Type.GAUGE, "Current working set of the node in bytes");
    text.sample(Map.of(), node.memory().workingSetBytes(), at);
    text.family("node_swap_usage_bytes", Type.GAUGE, "Current swap usage of the node in bytes.");
    text.sample(Map.of(), node.memory().swapTotalBytes() - node.memory().swapFreeBytes(), at);
  }
}
