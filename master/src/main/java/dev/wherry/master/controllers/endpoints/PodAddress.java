package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pod behind a service: an address with the ports that the service's ports lead to. Pure.
 *
 * @param ports as they stand in a slice; a service's port that the pod does not have is left out
 */
record PodAddress(
    String address,
    List<Obj> ports,
    boolean ready,
    boolean serving,
    boolean terminating,
    String nodeName,
    String hostname,
    Obj targetRef) {

  /**
   * Empty when the pod has no {@linkplain #isOrdinary ordinary} address of this family, has ended,
   * or has none of the ports; behind a headless service it has its name all the same.
   */
  static Optional<PodAddress> of(ServiceView service, PodView pod, String family) {
    Optional<String> address =
        pod.podIps().isEmpty()
            ? Optional.of(pod.podIp()).filter(ip -> isOf(family, ip))
            : pod.podIps().stream().filter(ip -> isOf(family, ip)).findFirst();
    if (pod.isFinished() || address.filter(PodAddress::isOrdinary).isEmpty()) {
      return Optional.empty();
    }
    List<Obj> ports = ports(service, pod);
    if (ports.isEmpty() && !service.isHeadless()) {
      return Optional.empty();
    }
    boolean serving = pod.isReady();
    boolean ready = service.publishNotReadyAddresses() || serving && !pod.isTerminating();
    String hostname = pod.subdomain().equals(service.meta().name()) ? pod.hostname() : "";
    return Optional.of(
        new PodAddress(
            address.get(),
            ports,
            ready,
            serving,
            pod.isTerminating(),
            pod.nodeName(),
            hostname,
            targetRef(pod)));
  }

  /**
   * Whether other machines can have it, too: no slice may hold another one (Kubernetes:
   * EndpointSlice). The pods that share the network of a machine with loopback alone have none.
   */
  static boolean isOrdinary(String ip) {
    InetAddress address = InetAddress.ofLiteral(ip);
    return !address.isLoopbackAddress()
        && !address.isAnyLocalAddress()
        && !address.isLinkLocalAddress()
        && !address.isMulticastAddress();
  }

  private static boolean isOf(String family, String address) {
    return !address.isEmpty() && address.contains(":") == family.equals("IPv6");
  }

  private static Obj targetRef(PodView pod) {
    Meta meta = pod.meta();
    return Obj.of(
        "kind", "Pod", "namespace", meta.namespace(), "name", meta.name(), "uid", meta.uid());
  }

  private static List<Obj> ports(ServiceView service, PodView pod) {
    List<Obj> ports = new ArrayList<>();
    for (ServiceView.Port port : service.ports()) {
      target(port, pod)
          .ifPresent(
              number ->
                  ports.add(
                      Obj.builder()
                          .put("name", port.name())
                          .put("port", number)
                          .put("protocol", port.protocol())
                          .putUnlessEmpty("appProtocol", port.appProtocol())
                          .build()));
    }
    return List.copyOf(ports);
  }

  private static Optional<Long> target(ServiceView.Port port, PodView pod) {
    String target = port.targetPort();
    if (target.chars().allMatch(Character::isDigit)) {
      return Optional.of(Long.parseLong(target));
    }
    List<ContainerView> containers = new ArrayList<>(pod.containers());
    pod.initContainers().stream().filter(ContainerView::isSidecar).forEach(containers::add);
    for (ContainerView container : containers) {
      for (ContainerPort each : container.ports()) {
        if (each.name().equals(target) && each.protocol().equals(port.protocol())) {
          return Optional.of((long) each.containerPort());
        }
      }
    }
    return Optional.empty();
  }

  /** As an entry of a slice's {@code endpoints}. */
  Obj toEndpoint() {
    return Obj.builder()
        .put("addresses", List.of(address))
        .put("conditions", Obj.of("ready", ready, "serving", serving, "terminating", terminating))
        .putUnlessEmpty("hostname", hostname)
        .putUnlessEmpty("nodeName", nodeName)
        .put("targetRef", targetRef)
        .build();
  }

  /** As an entry of {@code addresses} in {@code Endpoints}. */
  Obj toLegacyAddress() {
    return Obj.builder()
        .put("ip", address)
        .putUnlessEmpty("hostname", hostname)
        .putUnlessEmpty("nodeName", nodeName)
        .put("targetRef", targetRef)
        .build();
  }
}
