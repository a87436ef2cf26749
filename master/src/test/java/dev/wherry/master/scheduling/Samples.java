package dev.wherry.master.scheduling;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;

/** Nodes and pods for tests, written as JSON with single quotes. */
final class Samples {
  private Samples() {}

  static NodeLoad node(String name, String labels, String more) {
    String text =
        """
        {'metadata': {'name': '%s', 'labels': {%s}},
         'status': {'allocatable': {'cpu': '4', 'memory': '8Gi', 'pods': '10'}}%s}
        """
            .formatted(name, labels, more);
    return NodeLoad.empty(new NodeView(Json.read(text.replace('\'', '"'))));
  }

  static NodeLoad inZone(String name, String zone) {
    return node(name, "'zone': '%s', 'host': '%s'".formatted(zone, name), "");
  }

  static PodDemand pod(String name, String labels, String spec) {
    return pod(name, labels, spec, VolumeDemand.NONE);
  }

  static PodDemand pod(String name, String labels, String spec, VolumeDemand volumes) {
    String text =
        """
        {'metadata': {'name': '%s', 'uid': '%s', 'namespace': 'default', 'labels': {%s}},
         'spec': {%s}}
        """
            .formatted(name, name, labels, spec);
    return PodDemand.of(new PodView(Json.read(text.replace('\'', '"'))), volumes);
  }

  static PodDemand asking(String name, int priority, String cpu) {
    return pod(
        name,
        "'app': '" + name.charAt(0) + "'",
        """
        'priority': %d, 'containers': [{'name': 'c', 'resources': {'requests': {'cpu': '%s'}}}]
        """
            .formatted(priority, cpu));
  }

  static ClusterSnapshot with(ClusterSnapshot cluster, String node, PodDemand... pods) {
    NodeLoad load = cluster.node(new dev.wherry.api.object.NodeName(node)).orElseThrow();
    for (PodDemand each : pods) {
      load = load.plus(each);
    }
    return cluster.with(load);
  }

  static String said(ClusterSnapshot cluster, PodDemand pod) {
    return switch (Decision.decide(cluster, pod)) {
      case Decision.Placed(var node, int _) -> node.text();
      case Decision.Unschedulable refused -> refused.message();
    };
  }
}
