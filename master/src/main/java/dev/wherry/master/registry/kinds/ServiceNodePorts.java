package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.ipam.PortPool;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The node ports of services, those for health checks among them. A port belongs to a service,
 * whatever the protocol: its TCP and UDP side may have the same number. Confined to one thread at a
 * time.
 */
final class ServiceNodePorts {
  private static final String HEALTH_CHECK = "healthCheckNodePort";

  private final PortPool nodePorts;

  ServiceNodePorts(ClusterNetwork network) {
    this.nodePorts = new PortPool(network.firstNodePort(), network.lastNodePort());
  }

  private static Set<Integer> ports(Obj service) {
    Set<Integer> ports = new TreeSet<>();
    for (Obj port : service.obj("spec").objs("ports")) {
      int nodePort = (int) port.number("nodePort", 0);
      if (nodePort != 0) {
        ports.add(nodePort);
      }
    }
    int health = (int) service.obj("spec").number(HEALTH_CHECK, 0);
    if (health != 0) {
      ports.add(health);
    }
    return ports;
  }

  /** Holds what a stored service has. */
  void restore(Obj service, String owner) {
    for (int port : ports(service)) {
      if (nodePorts.contains(port)) {
        nodePorts.take(port, owner);
      }
    }
  }

  void release(Obj service, String owner) {
    ports(service).forEach(port -> nodePorts.free(port, owner));
  }

  /** What is taken for one service, to be given back when its write fails. */
  final class Taking {
    private final String owner;
    private final List<Integer> taken = new ArrayList<>();

    Taking(String owner) {
      this.owner = owner;
    }

    /** The service with a port for each of its own, where its type has them. */
    Obj withNodePorts(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      if (!ServiceDefaults.hasNodePorts(spec) && ports(service).isEmpty()) {
        return service;
      }
      List<Obj> ports = spec.objs("ports");
      for (int i = 0; i < ports.size(); i++) {
        int asked = (int) ports.get(i).number("nodePort", 0);
        if (asked != 0) {
          takePort(asked, "spec.ports[" + i + "].nodePort", causes);
        }
      }
      if (!causes.isEmpty() || !ServiceDefaults.hasNodePorts(spec)) {
        return service;
      }
      Map<Long, Integer> byPort = new HashMap<>();
      for (Obj port : ports) {
        if (port.number("nodePort", 0) != 0) {
          byPort.put(port.number("port", 0), (int) port.number("nodePort", 0));
        }
      }
      List<Object> filled = new ArrayList<>();
      for (Obj port : ports) {
        filled.add(
            port.number("nodePort", 0) != 0
                ? port
                : port.with(
                    "nodePort", byPort.computeIfAbsent(port.number("port", 0), _ -> free())));
      }
      return service.with("spec", spec.with("ports", filled));
    }

    /** Where load balancers ask whether this node has endpoints: policy Local alone needs it. */
    Obj withHealthCheck(Obj service, Causes causes) {
      Obj spec = service.obj("spec");
      int asked = (int) spec.number(HEALTH_CHECK, 0);
      if (!ServiceDefaults.isHealthChecked(spec) || !causes.isEmpty()) {
        return service;
      }
      if (asked != 0) {
        takePort(asked, "spec." + HEALTH_CHECK, causes);
        return service;
      }
      return service.with("spec", spec.with(HEALTH_CHECK, free()));
    }

    private int free() {
      OptionalInt port = nodePorts.takeFree(owner);
      if (port.isEmpty()) {
        throw StatusException.of(
            Reason.INTERNAL_ERROR, "failed to allocate a nodePort: range is full");
      }
      taken.add(port.getAsInt());
      return port.getAsInt();
    }

    private void takePort(int asked, String path, Causes causes) {
      if (nodePorts.isHeldBy(asked, owner)) {
        return;
      }
      if (!nodePorts.contains(asked)) {
        causes.invalid(
            path,
            (long) asked,
            "provided port is not in the valid range. The range of valid ports is " + nodePorts);
      } else if (nodePorts.take(asked, owner)) {
        taken.add(asked);
      } else {
        causes.invalid(path, (long) asked, "provided port is already allocated");
      }
    }

    void abandon() {
      taken.forEach(port -> nodePorts.free(port, owner));
      taken.clear();
    }

    /** Gives back what the service has no more. */
    void settle(Obj before, Obj now) {
      Set<Integer> kept = ports(now);
      for (int port : ports(before)) {
        if (!kept.contains(port)) {
          nodePorts.free(port, owner);
        }
      }
    }
  }
}
