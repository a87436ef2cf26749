package dev.wherry.master.scheduling;

import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;

/** A port of the node that a pod takes; an empty address is every address. */
record HostPort(String address, String protocol, int port) {
  HostPort {
    address = address.equals("0.0.0.0") || address.equals("::") ? "" : address;
  }

  boolean clashesWith(HostPort other) {
    return port == other.port
        && protocol.equals(other.protocol)
        && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
  }

  static List<HostPort> of(PodView pod) {
    List<HostPort> ports = new ArrayList<>();
    for (ContainerView container : pod.containers()) {
      for (ContainerPort port : container.ports()) {
        if (port.hostPort() > 0) {
          ports.add(new HostPort(port.hostIp(), port.protocol(), port.hostPort()));
        }
      }
    }
    return List.copyOf(ports);
  }
}
