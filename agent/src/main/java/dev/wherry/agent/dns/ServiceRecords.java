package dev.wherry.agent.dns;

import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.EndpointSliceView.Endpoint;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the names of one service say: its own, its endpoints' and its ports'. Thread-safe. */
final class ServiceRecords {

  /** One that a port is served by, once for each of its addresses. */
  private record Server(Data.Server data, Ip ip) {}

  private final ServiceIndex services;
  private final String zone;

  ServiceRecords(ServiceIndex services, String zone) {
    this.services = services;
    this.zone = zone;
  }

  /** A service's own name. */
  String name(ObjectKey service) {
    return service.name() + "." + service.namespace() + ".svc." + zone;
  }

  /** The name of an endpoint of a headless service. */
  String name(Endpoint endpoint, ObjectKey service) {
    return hostname(endpoint) + "." + name(service);
  }

  /** What its own name says. */
  DnsAnswer service(ServiceView service, int type) {
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

  /** What an endpoint's name says. */
  DnsAnswer host(ServiceView service, String host, int type) {
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

  /** Servers of a port, with their addresses beside: who asks for servers wants to reach one. */
  DnsAnswer servers(ServiceView service, String port, String protocol, int type) {
    List<Server> found =
        service.isHeadless()
            ? endpointServers(service.key(), port, protocol)
            : clusterServers(service, port, protocol);
    if (found.isEmpty()) {
      return DnsAnswer.NO_SUCH_NAME;
    }
    if (!wants(type, DnsQuestion.SRV)) {
      return DnsAnswer.NO_DATA;
    }
    // An endpoint of both families has one name.
    List<Data> records = found.stream().<Data>map(Server::data).distinct().toList();
    List<Data> beside =
        found.stream()
            .<Data>map(each -> new Data.At(each.data().name(), new Data.Address(each.ip())))
            .distinct()
            .toList();
    return DnsAnswer.of(records).with(beside);
  }

  private List<Server> clusterServers(ServiceView service, String port, String protocol) {
    List<Server> servers = new ArrayList<>();
    for (ServiceView.Port each : service.ports()) {
      if (matches(each.name(), each.protocol(), port, protocol)) {
        Data.Server data = new Data.Server(each.port(), name(service.key()));
        ips(service.clusterIps()).forEach(ip -> servers.add(new Server(data, ip)));
      }
    }
    return servers;
  }

  private List<Server> endpointServers(ObjectKey service, String port, String protocol) {
    List<Server> servers = new ArrayList<>();
    for (EndpointSliceView slice : services.slicesOf(service)) {
      for (EndpointSliceView.Port each : slice.ports()) {
        if (matches(each.name(), each.protocol(), port, protocol)) {
          for (Endpoint endpoint : ServiceIndex.readyOf(slice)) {
            Data.Server data = new Data.Server(each.port(), name(endpoint, service));
            ips(List.of(endpoint.addresses().getFirst()))
                .forEach(ip -> servers.add(new Server(data, ip)));
          }
        }
      }
    }
    return servers;
  }

  /** Whether names of ports stand below this one: it exists then, though nothing is said of it. */
  static boolean isProtocol(ServiceView service, String label) {
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

  private static String hostname(Endpoint endpoint) {
    return endpoint.hostname().isEmpty()
        ? endpoint.addresses().getFirst().replace('.', '-').replace(':', '-')
        : endpoint.hostname();
  }

  /** Those of the family that is asked for. */
  static DnsAnswer addresses(List<String> texts, int type) {
    List<Data> records = new ArrayList<>();
    ips(texts).stream()
        .filter(ip -> wants(type, ip.isIpv4() ? DnsQuestion.A : DnsQuestion.AAAA))
        .forEach(ip -> records.add(new Data.Address(ip)));
    return DnsAnswer.of(records);
  }

  private static List<Ip> ips(List<String> texts) {
    return texts.stream().distinct().flatMap(text -> Ip.find(text).stream()).toList();
  }

  /** Whether records of a type are asked for. */
  static boolean wants(int asked, int type) {
    return asked == type || asked == DnsQuestion.ANY;
  }
}
