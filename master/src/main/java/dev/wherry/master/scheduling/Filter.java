package dev.wherry.master.scheduling;

import dev.wherry.api.view.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Says why a node cannot take a pod, in the words of Kubernetes' plugin of the same name. The order
 * is that in which they are asked; the first that objects decides.
 */
public enum Filter {
  NODE_UNSCHEDULABLE("NodeUnschedulable") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      Taint cordon = Taint.of(Taint.UNSCHEDULABLE, Taint.NO_SCHEDULE);
      boolean tolerated = pod.tolerations().stream().anyMatch(each -> each.tolerates(cordon));
      return node.unschedulable() && !tolerated ? List.of("node(s) were unschedulable") : List.of();
    }
  },
  NODE_NAME("NodeName") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      return pod.nodeName().isEmpty() || pod.nodeName().equals(node.name().text())
          ? List.of()
          : List.of("node(s) didn't match the requested node name");
    }
  },
  TAINT_TOLERATION("TaintToleration") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      for (Taint taint : node.taints()) {
        boolean repels =
            taint.effect().equals(Taint.NO_SCHEDULE) || taint.effect().equals(Taint.NO_EXECUTE);
        if (repels && pod.tolerations().stream().noneMatch(each -> each.tolerates(taint))) {
          return List.of(
              "node(s) had untolerated taint {" + taint.key() + ": " + taint.value() + "}");
        }
      }
      return List.of();
    }
  },
  NODE_AFFINITY("NodeAffinity") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      boolean matches =
          pod.nodeSelector().matches(node.labels())
              && (pod.requiredTerms().isEmpty()
                  || pod.requiredTerms().stream().anyMatch(term -> term.matches(node)));
      return matches ? List.of() : List.of("node(s) didn't match Pod's node affinity/selector");
    }
  },
  NODE_PORTS("NodePorts") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      for (HostPort wanted : pod.hostPorts()) {
        for (HostPort taken : node.hostPorts()) {
          if (wanted.clashesWith(taken)) {
            return List.of("node(s) didn't have free ports for the requested pod ports");
          }
        }
      }
      return List.of();
    }
  },
  NODE_RESOURCES_FIT("NodeResourcesFit") {
    @Override
    List<String> objections(PodDemand pod, NodeLoad node) {
      List<String> objections = new ArrayList<>(0);
      if (node.pods() + 1 > node.maxPods()) {
        objections.add("Too many pods");
      }
      for (Map.Entry<String, Long> wanted : pod.requests().byName().entrySet()) {
        if (wanted.getValue() > 0 && wanted.getValue() > node.free(wanted.getKey())) {
          objections.add("Insufficient " + wanted.getKey());
        }
      }
      return objections;
    }
  };

  private final String plugin;

  Filter(String plugin) {
    this.plugin = plugin;
  }

  /** Kubernetes' name of it. */
  public String plugin() {
    return plugin;
  }

  /** Why the node cannot take the pod; empty: it can, as far as this filter sees. */
  abstract List<String> objections(PodDemand pod, NodeLoad node);
}
