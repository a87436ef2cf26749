package dev.wherry.agent.desired;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The downward API: a pod's own fields as text (v1.ObjectFieldSelector). Pure. */
public final class Downward {
  private Downward() {}

  /** Empty for a path that is none. */
  public static Optional<String> field(PodView pod, String path, String podIp, NodeFacts node) {
    return switch (path) {
      case "metadata.name" -> Optional.of(pod.meta().name());
      case "metadata.namespace" -> Optional.of(pod.meta().namespace());
      case "metadata.uid" -> Optional.of(pod.meta().uid());
      case "metadata.labels" -> Optional.of(lines(pod.meta().labels()));
      case "metadata.annotations" -> Optional.of(lines(pod.meta().annotations()));
      case "spec.nodeName" -> Optional.of(node.name());
      case "spec.serviceAccountName" -> Optional.of(pod.serviceAccountName());
      case "status.hostIP" -> Optional.of(node.address());
      case "status.hostIPs" -> Optional.of(String.join(",", node.addresses()));
      case "status.podIP" -> Optional.of(podIp);
      case "status.podIPs" -> Optional.of(String.join(",", node.networks().podIps(podIp)));
      default -> subscript(pod, path);
    };
  }

  private static Optional<String> subscript(PodView pod, String path) {
    int open = path.indexOf("['");
    if (open < 0 || !path.endsWith("']")) {
      return Optional.empty();
    }
    String key = path.substring(open + 2, path.length() - 2);
    return switch (path.substring(0, open)) {
      case "metadata.labels" -> Optional.of(pod.meta().labels().getOrDefault(key, ""));
      case "metadata.annotations" -> Optional.of(pod.meta().annotations().getOrDefault(key, ""));
      default -> Optional.empty();
    };
  }

  private static String lines(Map<String, String> map) {
    StringJoiner lines = new StringJoiner("\n");
    map.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> lines.add(entry.getKey() + "=" + quoted(entry.getValue())));
    return lines.toString();
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  /**
   * A request or limit in units of the divisor, rounded up; where a limit lacks, what the node has.
   *
   * @param resource such as {@code limits.memory}
   */
  public static String resource(
      ContainerView container, String resource, String divisor, NodeFacts node) {
    int dot = resource.indexOf('.');
    String kind = dot < 0 ? "" : resource.substring(0, dot);
    String name = resource.substring(dot + 1);
    ResourceList list = kind.equals("limits") ? container.limits() : container.requests();
    BigDecimal value =
        list.get(name)
            .map(Quantity::value)
            .orElseGet(() -> kind.equals("limits") ? ofNode(name, node) : BigDecimal.ZERO);
    BigDecimal unit = divisor.isEmpty() ? BigDecimal.ONE : Quantity.parse(divisor).value();
    return unit.signum() == 0
        ? value.setScale(0, RoundingMode.CEILING).toPlainString()
        : value.divide(unit, 0, RoundingMode.CEILING).toPlainString();
  }

  private static BigDecimal ofNode(String name, NodeFacts node) {
    return switch (name) {
      case ResourceList.CPU -> BigDecimal.valueOf(node.cpuMillis()).movePointLeft(3);
      case ResourceList.MEMORY -> BigDecimal.valueOf(node.memoryBytes());
      default -> BigDecimal.ZERO;
    };
  }

  /** As {@link #resource(ContainerView, String, String, NodeFacts)}, from a resourceFieldRef. */
  public static String resource(PodView pod, Obj ref, NodeFacts node) {
    String name = ref.string("containerName");
    for (ContainerView each : pod.containers()) {
      if (name.isEmpty() || each.name().equals(name)) {
        String divisor = ref.get("divisor").map(Object::toString).orElse("");
        return resource(each, ref.string("resource"), divisor, node);
      }
    }
    return "";
  }
}
