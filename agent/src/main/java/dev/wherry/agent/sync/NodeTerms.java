package dev.wherry.agent.sync;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.Map;

/**
 * Whether a pod may be on a node by the node's labels and name (v1.NodeSelector and
 * v1.NodeAffinity, what is required of it). Pure.
 */
final class NodeTerms {
  private NodeTerms() {}

  static boolean match(PodView pod, String nodeName, Map<String, String> labels) {
    for (Map.Entry<String, String> each : pod.nodeSelector().entrySet()) {
      if (!each.getValue().equals(labels.get(each.getKey()))) {
        return false;
      }
    }
    Obj required =
        pod.affinity().obj("nodeAffinity").obj("requiredDuringSchedulingIgnoredDuringExecution");
    return required.isEmpty()
        || required.objs("nodeSelectorTerms").stream()
            .anyMatch(term -> matches(term, nodeName, labels));
  }

  /** A term that asks for nothing matches nothing. */
  private static boolean matches(Obj term, String nodeName, Map<String, String> labels) {
    List<Obj> expressions = term.objs("matchExpressions");
    List<Obj> fields = term.objs("matchFields");
    Map<String, String> name = Map.of("metadata.name", nodeName);
    return !(expressions.isEmpty() && fields.isEmpty())
        && expressions.stream().allMatch(each -> holds(each, labels))
        && fields.stream().allMatch(each -> holds(each, name));
  }

  private static boolean holds(Obj expression, Map<String, String> labels) {
    String value = labels.get(expression.string("key"));
    List<String> values = expression.strings("values");
    return switch (expression.string("operator")) {
      case "In" -> value != null && values.contains(value);
      case "NotIn" -> value == null || !values.contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      case "Gt" -> value != null && compared(value, values) > 0;
      case "Lt" -> value != null && compared(value, values) < 0;
      default -> false;
    };
  }

  /** 0, and so neither greater nor less, where one is no whole number. */
  private static int compared(String value, List<String> values) {
    try {
      return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
    } catch (NumberFormatException _) {
      return 0;
    }
  }
}
