package dev.wherry.agent.dns;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.EndpointSliceView.Endpoint;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The names of a cluster's services (Kubernetes DNS-based service discovery, 1.1.0):
 *
 * <pre>
 * SERVICE.NAMESPACE.svc.ZONE               A: the cluster IP, or the endpoints of a headless service
 * HOST.SERVICE.NAMESPACE.svc.ZONE          A: that endpoint of a headless service
 * _PORT._PROTOCOL.SERVICE.NAMESPACE.svc.ZONE  SRV
 * A-B-C-D.NAMESPACE.pod.ZONE               A: that address
 * D.C.B.A.in-addr.arpa                     PTR of a cluster IP or headless endpoint
 * </pre>
 *
 * Addresses of IPv6 are AAAA, {@code fd42--5.NAMESPACE.pod.ZONE} and under {@code ip6.arpa}. An
 * alias of an external name comes with what it leads to, where that is of this zone. Thread-safe.
 */
public final class ClusterZone {
  /** How far an alias of an alias is followed. */
  private static final int MAX_ALIASES = 8;

  private static final ObjectKey NAME_SERVICE = new ObjectKey("kube-system", "kube-dns");

  private final DesiredState desired;
  private final String zone;
  private final ServiceIndex services;
  private final StubDomains stubs;

  private ClusterZone(DesiredState desired, String zone) {
    this.desired = desired;
    this.zone = zone;
    this.services = ServiceIndex.follow(desired);
    this.stubs = StubDomains.follow(desired);
  }

  /**
   * @param zone such as {@code cluster.local}
   */
  public static ClusterZone follow(DesiredState desired, String zone) {
    return new ClusterZone(desired, zone.toLowerCase(Locale.ROOT));
  }

  String zone() {
    return zone;
  }

  /** Who is asked for names of other zones. */
  StubDomains stubs() {
    return stubs;
  }

  /** Another one after each change of what names mean; answers are never older than it. */
  long version() {
    return services.version();
  }

  private String serviceName(ObjectKey service) {
    return service.name() + "." + service.namespace() + ".svc." + zone;
  }

  /** What this cluster says about a name, lower case and without the last dot. */
  DnsAnswer resolve(String name, int type) {
    DnsAnswer found = resolveOnce(name, type);
    return type == DnsQuestion.CNAME
        ? found
        : found.unresolved().map(target -> alias(target, type)).orElse(found);
  }

  /** What another server is to be asked for behind an alias, where addresses are asked for. */
  Optional<String> elsewhere(DnsAnswer answer, int type) {
    boolean address = type == DnsQuestion.A || type == DnsQuestion.AAAA;
    return address
        ? answer.unresolved().filter(name -> !name.endsWith("." + zone))
        : Optional.empty();
  }

  private DnsAnswer resolveOnce(String name, int type) {
    if (name.endsWith(".arpa")) {
      return ReverseName.address(name)
          .map(address -> reverse(address, type))
          .orElse(DnsAnswer.NOT_OURS);
    }
    if (name.equals(zone)) {
      return apex(type);
    }
    if (!name.endsWith("." + zone)) {
      return DnsAnswer.NOT_OURS;
    }
    List<String> labels =
        Arrays.asList(name.substring(0, name.length() - zone.length() - 1).split("\\."));
    return switch (labels.getLast()) {
      case "svc" -> underServices(labels.subList(0, labels.size() - 1), type);
      case "pod" -> pod(labels.subList(0, labels.size() - 1), type);
      case "dns" -> nameServer(labels, type);
      case "dns-version" ->
          labels.size() == 1 && wants(type, DnsQuestion.TXT)
              ? DnsAnswer.of(List.of(new Data.Text("1.1.0")))
              : DnsAnswer.NO_DATA;
      default -> DnsAnswer.NO_SUCH_NAME;
    };
  }

  private DnsAnswer apex(int type) {
    List<Data> records = new ArrayList<>();
    if (wants(type, DnsQuestion.SOA)) {
      records.add(new Data.Authority(zone));
    }
    if (wants(type, DnsQuestion.NS)) {
      records.add(new Data.NameServer(DnsAnswer.primary(zone)));
    }
    return DnsAnswer.of(records);
  }

  /** The zone's own server, under the address that pods ask it at. */
  private DnsAnswer nameServer(List<String> labels, int type) {
    if (labels.equals(List.of("dns"))) {
      return DnsAnswer.NO_DATA;
    }
    return labels.equals(List.of("ns", "dns"))
        ? desired
            .get(Resource.SERVICES, NAME_SERVICE)
            .map(service -> service(new ServiceView(service), type))
            .orElse(DnsAnswer.NO_DATA)
        : DnsAnswer.NO_SUCH_NAME;
  }

  private DnsAnswer underServices(List<String> labels, int type) {
    if (labels.isEmpty()) {
      return DnsAnswer.NO_DATA;
    }
    String namespace = labels.getLast();
    if (labels.size() == 1) {
      return desired.all(Resource.SERVICES).stream()
              .anyMatch(each -> ObjectKey.of(each).namespace().equals(namespace))
          ? DnsAnswer.NO_DATA
          : DnsAnswer.NO_SUCH_NAME;
    }
    ObjectKey key = new ObjectKey(namespace, labels.get(labels.size() - 2));
    Optional<ServiceView> found = desired.get(Resource.SERVICES, key).map(ServiceView::new);
    if (found.isEmpty()) {
      return DnsAnswer.NO_SUCH_NAME;
    }
    ServiceView service = found.get();
    return switch (labels.size()) {
      case 2 -> service(service, type);
      case 3 ->
          isProtocol(service, labels.getFirst())
              ? DnsAnswer.NO_DATA
              : host(service, labels.getFirst(), type);
      case 4 -> servers(service, labels.get(0), labels.get(1), type);
      default -> DnsAnswer.NO_SUCH_NAME;
    };
  }

  /** The alias, and what it leads to where that is a name of this zone. */
  private DnsAnswer alias(String target, int type) {
    List<Data> records = new ArrayList<>();
    records.add(new Data.Alias(target));
    String next = target;
    for (int i = 0; i < MAX_ALIASES && next.endsWith("." + zone); i++) {
      String owner = next;
      DnsAnswer found = resolveOnce(owner, type);
      found.records().forEach(record -> records.add(new Data.At(owner, record)));
      Optional<String> further = found.unresolved();
      if (further.isEmpty()) {
        break;
      }
      next = further.get();
    }
    return DnsAnswer.of(records);
  }

  private DnsAnswer service(ServiceView service, int type) {
    if (service.type().equals("ExternalName")) {
      String target = service.externalName().toLowerCase(Locale.ROOT);
      return DnsAnswer.of(
          List.of(
              new Data.Alias(
                  target.endsWith(".") ? target.substring(0, target.length() - 1) : target)));
    }
    if (!service.isHeadless()) {
      return addresses(service.clusterIps(), type);
    }
    List<String> all = new ArrayList<>();
    services.ready(service.key()).forEach(endpoint -> all.add(endpoint.addresses().getFirst()));
    return all.isEmpty() ? DnsAnswer.NO_SUCH_NAME : addresses(all, type);
  }

  private DnsAnswer host(ServiceView service, String host, int type) {
    if (!service.isHeadless()) {
      return DnsAnswer.NO_SUCH_NAME;
    }
    List<String> those =
        services.ready(service.key()).stream()
            .filter(endpoint -> hostname(endpoint).equals(host))
            .map(endpoint -> endpoint.addresses().getFirst())
            .toList();
    return those.isEmpty() ? DnsAnswer.NO_SUCH_NAME : addresses(those, type);
  }

  private DnsAnswer servers(ServiceView service, String port, String protocol, int type) {
    String name = serviceName(service.key());
    List<Data> servers = new ArrayList<>();
    if (service.isHeadless()) {
      for (EndpointSliceView slice : services.slicesOf(service.key())) {
        for (EndpointSliceView.Port each : slice.ports()) {
          if (matches(each.name(), each.protocol(), port, protocol)) {
            ServiceIndex.readyOf(slice)
                .forEach(
                    endpoint ->
                        servers.add(new Data.Server(each.port(), hostname(endpoint) + "." + name)));
          }
        }
      }
    } else {
      for (ServiceView.Port each : service.ports()) {
        if (matches(each.name(), each.protocol(), port, protocol)) {
          servers.add(new Data.Server(each.port(), name));
        }
      }
    }
    if (servers.isEmpty()) {
      return DnsAnswer.NO_SUCH_NAME;
    }
    // An endpoint of both families has one name.
    return wants(type, DnsQuestion.SRV)
        ? DnsAnswer.of(servers.stream().distinct().toList())
        : DnsAnswer.NO_DATA;
  }

  /** Whether names of ports stand below this one: it exists then, though nothing is said of it. */
  private static boolean isProtocol(ServiceView service, String label) {
    return service.ports().stream()
        .anyMatch(
            port ->
                !port.name().isEmpty()
                    && label.equals("_" + port.protocol().toLowerCase(Locale.ROOT)));
  }

  private static boolean matches(String name, String protocol, String label, String ofProtocol) {
    return !name.isEmpty()
        && label.equals("_" + name.toLowerCase(Locale.ROOT))
        && ofProtocol.equals("_" + protocol.toLowerCase(Locale.ROOT));
  }

  private static DnsAnswer pod(List<String> labels, int type) {
    if (labels.size() < 2) {
      return DnsAnswer.NO_DATA;
    }
    String label = labels.getFirst();
    Optional<Ip> address =
        Ip.find(label.replace('-', '.')).or(() -> Ip.find(label.replace('-', ':')));
    if (labels.size() != 2 || address.isEmpty()) {
      return DnsAnswer.NO_SUCH_NAME;
    }
    return addresses(List.of(address.get().text()), type);
  }

  private DnsAnswer reverse(Ip address, int type) {
    Optional<String> found =
        services.withClusterIp(address).map(this::serviceName).or(() -> headlessName(address));
    if (found.isEmpty()) {
      return DnsAnswer.NOT_OURS;
    }
    return wants(type, DnsQuestion.PTR)
        ? DnsAnswer.of(List.of(new Data.Pointer(found.get())))
        : DnsAnswer.NO_DATA;
  }

  private Optional<String> headlessName(Ip address) {
    for (ObjectKey key : services.withEndpoint(address)) {
      boolean headless =
          desired
              .get(Resource.SERVICES, key)
              .filter(service -> new ServiceView(service).isHeadless())
              .isPresent();
      if (headless) {
        for (Endpoint endpoint : services.ready(key)) {
          if (Ip.find(endpoint.addresses().getFirst()).equals(Optional.of(address))) {
            return Optional.of(hostname(endpoint) + "." + serviceName(key));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String hostname(Endpoint endpoint) {
    return endpoint.hostname().isEmpty()
        ? endpoint.addresses().getFirst().replace('.', '-').replace(':', '-')
        : endpoint.hostname();
  }

  /** Those of the family that is asked for. */
  private static DnsAnswer addresses(List<String> texts, int type) {
    List<Data> records = new ArrayList<>();
    texts.stream()
        .distinct()
        .flatMap(text -> Ip.find(text).stream())
        .filter(ip -> wants(type, ip.isIpv4() ? DnsQuestion.A : DnsQuestion.AAAA))
        .forEach(ip -> records.add(new Data.Address(ip)));
    return DnsAnswer.of(records);
  }

  private static boolean wants(int asked, int type) {
    return asked == type || asked == DnsQuestion.ANY;
  }
}
