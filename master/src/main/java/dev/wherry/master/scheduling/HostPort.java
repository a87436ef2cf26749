package dev.wherry.master.scheduling;

import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;

/** A port of the node that a pod takes; an empty address is every address. */
public record HostPort(String address, String protocol, int port) {
  public HostPort {
    address = address.equals("0.0.0.0") || address.equals("::") ? "" : address;
  }

  boolean clashesWith(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
  }

  static List<HostPort> of(PodView pod) {
    List<HostPort> ports = new ArrayList<>();
    addAll(ports, pod.containers());
    // A sidecar keeps its port as long as the pod runs; other init containers give theirs back.
    addAll(ports, pod.initContainers().stream().filter(ContainerView::isSidecar).toList());
    return List.copyOf(ports);
  }

  private static void addAll(List<HostPort> ports, List<ContainerView> containers) {
    for (ContainerView container : containers) {
      for (ContainerPort port : container.ports()) {
        if (port.hostPort() > 0) {
          ports.add(new HostPort(port.hostIp(), port.protocol(), port.hostPort()));
        }
      }
    }
  }
}
