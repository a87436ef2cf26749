package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.quota.Amounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to tell whoever gives a pod these containers: variables and ports that hide others, parts of
 * bytes. Pure.
 */
final class ContainerWarnings {
  private static final List<String> BYTES = List.of("memory", "ephemeral-storage");

  private ContainerWarnings() {}

  static void ofPod(Obj spec, String path, List<String> warnings) {
    List<PodContainers.Placed> containers = PodContainers.of(spec, path);
    for (PodContainers.Placed container : containers) {
      for (String resource : BYTES) {
        for (String list : List.of("limits", "requests")) {
          fraction(
              container.tree().at("resources", list),
              resource,
              container.path() + ".resources." + list,
              warnings);
        }
      }
      variables(container, warnings);
    }
    ports(containers, warnings);
    portNames(containers, warnings);
  }

  /** There is no part of a byte. */
  static void fraction(Obj amounts, String resource, String path, List<String> warnings) {
    if (amounts.has(resource)
        && Amounts.of(amounts).get(resource).value().remainder(BigDecimal.ONE).signum() != 0) {
      warnings.add(
          path
              + "["
              + resource
              + "]: fractional byte value \""
              + amounts.string(resource)
              + "\" is invalid, must be an integer");
    }
  }

  /** A variable may be built from its own former value, but not replace it. */
  private static void variables(PodContainers.Placed container, List<String> warnings) {
    Set<String> seen = new HashSet<>();
    Checks.each(
        container.tree().objs("env"),
        container.path() + ".env",
        (variable, at) -> {
          String name = variable.string("name");
          String value = variable.string("value");
          String former = "$(" + name + ")";
          boolean grows =
              !variable.has("valueFrom") && value.contains(former) && !value.equals(former);
          if (!seen.add(name) && !grows) {
            warnings.add(
                at
                    + ": hides previous definition of \""
                    + name
                    + "\", which may be dropped when using apply");
          }
        });
  }

  private record Placed(Obj port, String path) {
    long hostPort() {
      return port.number("hostPort", 0);
    }

    String hostIp() {
      return port.string("hostIP");
    }
  }

  private static void ports(List<PodContainers.Placed> containers, List<String> warnings) {
    Map<String, List<Placed>> all = new HashMap<>();
    for (PodContainers.Placed container : containers) {
      Checks.each(
          container.tree().objs("ports"),
          container.path() + ".ports",
          (port, at) -> {
            Placed placed = new Placed(port, at);
            if (!placed.hostIp().isEmpty() && placed.hostPort() == 0) {
              warnings.add(at + ": hostIP set without hostPort: " + shown(port));
            }
            String key = port.number("containerPort", 0) + "/" + port.string("protocol");
            List<Placed> others = all.computeIfAbsent(key, _ -> new ArrayList<>());
            others.forEach(other -> overlap(placed, other, warnings));
            others.add(placed);
          });
    }
  }

  private static void overlap(Placed port, Placed other, List<String> warnings) {
    String how = "";
    if (port.hostIp().equals(other.hostIp()) && port.hostPort() == other.hostPort()) {
      how = "duplicate";
    } else if (port.hostPort() == 0 || other.hostPort() == 0) {
      how = "overlapping";
    } else if (port.hostPort() == other.hostPort()
        && port.hostIp().isEmpty() != other.hostIp().isEmpty()) {
      how = "dangerously ambiguous";
    }
    if (!how.isEmpty()) {
      warnings.add(port.path() + ": " + how + " port definition with " + other.path());
    }
  }

  /** As Kubernetes' messages show a port. */
  private static String shown(Obj port) {
    return "{Name:"
        + port.string("name")
        + " HostPort:0 ContainerPort:"
        + port.number("containerPort", 0)
        + " Protocol:"
        + port.string("protocol")
        + " HostIP:"
        + port.string("hostIP")
        + "}";
  }

  /** A name finds one port among those that run side by side. */
  private static void portNames(List<PodContainers.Placed> containers, List<String> warnings) {
    Map<String, String> first = new HashMap<>();
    for (PodContainers.Placed container : containers) {
      if (!container.runsAside()) {
        continue;
      }
      Checks.each(
          container.tree().objs("ports"),
          container.path() + ".ports",
          (port, at) -> {
            String name = port.string("name");
            String other = name.isEmpty() ? at : first.putIfAbsent(name, at);
            if (other != null && !other.equals(at)) {
              warnings.add(
                  at
                      + ": duplicate port name \""
                      + name
                      + "\" with "
                      + other
                      + ", services and probes that select ports by name will use "
                      + other);
            }
          });
    }
  }
}
