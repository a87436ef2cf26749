package dev.wherry.agent.services;

import dev.wherry.agent.services.ServicePort.TrafficPolicy;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A pod's ports of the node ({@code hostPort}) as ports of a service with one backend, which is
 * that pod: what comes from outside keeps its source address. Pure.
 */
final class HostPorts {
  private HostPorts() {}

  /** Under which a pod's ports stand beside services; no service is in such a namespace. */
  static ObjectKey key(ObjectKey pod) {
    return new ObjectKey("host-port/" + pod.namespace(), pod.name());
  }

  static List<ServicePort> of(PodView pod, Ip address) {
    List<ServicePort> ports = new ArrayList<>();
    if (pod.hostNetwork() || pod.isFinished()) {
      return ports;
    }
    List<ContainerView> containers = new ArrayList<>(pod.containers());
    pod.initContainers().stream().filter(ContainerView::isSidecar).forEach(containers::add);
    for (ContainerView container : containers) {
      for (ContainerPort port : container.ports()) {
        if (port.hostPort() != 0) {
          ports.add(port(key(pod.key()), port, address));
        }
      }
    }
    return ports;
  }

  private static ServicePort port(ObjectKey key, ContainerPort port, Ip address) {
    List<Backend> backend = List.of(Backend.of(address, port.containerPort()));
    boolean everywhere =
        port.hostIp().isEmpty() || port.hostIp().equals(address.isIpv4() ? "0.0.0.0" : "::");
    SortedSet<String> addresses = new TreeSet<>();
    if (!everywhere && address.family().isAddress(port.hostIp())) {
      addresses.add(port.hostIp());
    }
    return new ServicePort(
        key,
        String.valueOf(port.containerPort()),
        port.protocol().toLowerCase(Locale.ROOT),
        port.hostPort(),
        Collections.emptySortedSet(),
        addresses,
        SourceGuard.NONE,
        everywhere ? port.hostPort() : 0,
        TrafficPolicy.CLUSTER,
        TrafficPolicy.LOCAL,
        0,
        backend,
        backend);
  }

  static List<String> fronts(List<ServicePort> ports) {
    List<String> fronts = new ArrayList<>();
    for (ServicePort port : ports) {
      port.externalIps().forEach(each -> fronts.add(port.front(each)));
      if (port.nodePort() != 0) {
        fronts.add(port.nodePortFront());
      }
    }
    return fronts;
  }
}
