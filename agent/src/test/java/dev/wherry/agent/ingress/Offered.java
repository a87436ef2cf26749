package dev.wherry.agent.ingress;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;

/** A service of the namespace {@code default} whose only backend is a server of the test's. */
final class Offered {
  private Offered() {}

  /** The class of this node's ingress, for Ingresses that name none. */
  static void defaultClass(DesiredState desired) {
    desired.upsert(
        Resource.INGRESS_CLASSES,
        Json.read(
            """
            {"metadata": {"name": "wherry",
              "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
             "spec": {"controller": "wherry.dev/ingress"}}
            """));
  }

  /** Port 80 of the service leads to this port of the loopback; also in place of one before. */
  static void service(DesiredState desired, String name, int port) {
    service(desired, name, port, "");
  }

  /** The same whose port says what it speaks. */
  static void service(DesiredState desired, String name, int port, String appProtocol) {
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "%s"},
             "spec": {"clusterIP": "10.43.0.5", "ports": [{"port": 80, "appProtocol": "%s"}]}}
            """
                .formatted(name, appProtocol)));
    slice(desired, name, "IPv4", "127.0.0.1", port);
  }

  /** Endpoints of one family: this address and port. */
  static void slice(DesiredState desired, String name, String family, String address, int port) {
    Obj labels = Obj.of("kubernetes.io/service-name", name);
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Obj.of(
            "metadata",
            Obj.of("namespace", "default", "name", name + "-" + family, "labels", labels),
            "addressType",
            family,
            "endpoints",
            List.of(Obj.of("addresses", List.of(address))),
            "ports",
            List.of(Obj.of("port", (long) port))));
  }

  /** What the routes of these objects lead to; no service of theirs has a name elsewhere. */
  static IngressTraffic traffic(DesiredState desired, IngressCounters counters, int httpsPort) {
    return traffic(desired, counters, httpsPort, _ -> List.of());
  }

  static IngressTraffic traffic(
      DesiredState desired, IngressCounters counters, int httpsPort, ExternalNames names) {
    return traffic(desired, counters, httpsPort, names, (_, _, _) -> {});
  }

  /** As above, for plain requests, with the events told as {@code NAME REASON MESSAGE}. */
  static IngressTraffic traffic(DesiredState desired, Collection<String> events) {
    return traffic(
        desired,
        new IngressCounters(),
        0,
        _ -> List.of(),
        (ingress, reason, message) -> events.add(ingress + " " + reason + " " + message));
  }

  private static IngressTraffic traffic(
      DesiredState desired,
      IngressCounters counters,
      int httpsPort,
      ExternalNames names,
      IngressEvents events) {
    Complaints complaints = new Complaints(events, InstantSource.system());
    Gate gate = new Gate(new RateLimits(System::nanoTime), new Logins(desired), complaints);
    return new IngressTraffic(
        IngressRouter.of(desired.all(Resource.INGRESSES), desired.all(Resource.INGRESS_CLASSES)),
        ServiceEndpoints.follow(desired, names),
        counters,
        new TlsClients(desired),
        new Admission(gate, httpsPort),
        complaints,
        httpsPort);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
