package dev.wherry.agent.dns;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
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
  private final ServiceRecords records;
  private final StubDomains stubs;

  private ClusterZone(DesiredState desired, String zone) {
    this.desired = desired;
    this.zone = zone;
    this.services = ServiceIndex.follow(desired);
    this.records = new ServiceRecords(services, zone);
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
          labels.size() == 1 && ServiceRecords.wants(type, DnsQuestion.TXT)
              ? DnsAnswer.of(List.of(new Data.Text("1.1.0")))
              : DnsAnswer.NO_DATA;
      default -> DnsAnswer.NO_SUCH_NAME;
    };
  }

  private DnsAnswer apex(int type) {
    List<Data> said = new ArrayList<>();
    if (ServiceRecords.wants(type, DnsQuestion.SOA)) {
      said.add(new Data.Authority(zone));
    }
    if (ServiceRecords.wants(type, DnsQuestion.NS)) {
      said.add(new Data.NameServer(DnsAnswer.primary(zone)));
    }
    return DnsAnswer.of(said);
  }

  /** The zone's own server, under the address that pods ask it at. */
  private DnsAnswer nameServer(List<String> labels, int type) {
    if (labels.equals(List.of("dns"))) {
      return DnsAnswer.NO_DATA;
    }
    return labels.equals(List.of("ns", "dns"))
        ? desired
            .get(Resource.SERVICES, NAME_SERVICE)
            .map(service -> records.service(new ServiceView(service), type))
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
      case 2 -> records.service(service, type);
      case 3 ->
          ServiceRecords.isProtocol(service, labels.getFirst())
              ? DnsAnswer.NO_DATA
              : records.host(service, labels.getFirst(), type);
      case 4 -> records.servers(service, labels.get(0), labels.get(1), type);
      default -> DnsAnswer.NO_SUCH_NAME;
    };
  }

  /** The alias, and what it leads to where that is a name of this zone. */
  private DnsAnswer alias(String target, int type) {
    List<Data> chain = new ArrayList<>();
    chain.add(new Data.Alias(target));
    String next = target;
    for (int i = 0; i < MAX_ALIASES && next.endsWith("." + zone); i++) {
      String owner = next;
      DnsAnswer found = resolveOnce(owner, type);
      found.records().forEach(record -> chain.add(new Data.At(owner, record)));
      Optional<String> further = found.unresolved();
      if (further.isEmpty()) {
        break;
      }
      next = further.get();
    }
    return DnsAnswer.of(chain);
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
    return ServiceRecords.addresses(List.of(address.get().text()), type);
  }

  private DnsAnswer reverse(Ip address, int type) {
    Optional<String> found =
        services.withClusterIp(address).map(records::name).or(() -> headlessName(address));
    if (found.isEmpty()) {
      return DnsAnswer.NOT_OURS;
    }
    return ServiceRecords.wants(type, DnsQuestion.PTR)
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
            return Optional.of(records.name(endpoint, key));
          }
        }
      }
    }
    return Optional.empty();
  }
}
