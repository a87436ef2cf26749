package dev.wherry.agent.metrics;

import dev.wherry.agent.metrics.PrometheusText.Type;
import dev.wherry.agent.probe.ProbeCounts.Count;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Renders what probes came to as kubelet's {@code metrics/probes} does. Pure. */
final class ProbeMetrics {
  private ProbeMetrics() {}

  static String render(List<Count> counts) {
    PrometheusText text = new PrometheusText();
    text.family(
        "prober_probe_total",
        Type.COUNTER,
        "Cumulative number of a liveness, readiness or startup probe for a container by result.");
    for (Count each : counts) {
      Map<String, String> labels = new LinkedHashMap<>();
      labels.put("container", each.container());
      labels.put("namespace", each.pod().namespace());
      labels.put("pod", each.pod().name());
      labels.put("pod_uid", each.uid().text());
      labels.put("probe_type", each.kind().word());
      labels.put("result", each.outcome().word());
      text.sample(labels, each.times());
    }
    return text.toString();
  }
}
