package dev.wherry.agent.services;

import static dev.wherry.agent.services.Fixtures.service;
import static dev.wherry.agent.services.Fixtures.slice;
import static dev.wherry.agent.services.Fixtures.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceTablesTest {
  private static final ObjectKey WEB = new ObjectKey("default", "web");
  private final ServiceTables tables = new ServiceTables(Fixtures.NODE);

  private ServicePort web(Obj service, Obj... slices) {
    tables.putService(service);
    for (Obj each : slices) {
      tables.putSlice(each);
    }
    return tables.resolve(WEB).getFirst();
  }

  private static List<Backend> backends(String... addresses) {
    return java.util.Arrays.stream(addresses).map(address -> Backend.of(address, 80)).toList();
  }

  @Test
  void takesReadyEndpointsInOrderAndNoneTwice() {
    ServicePort port =
        web(
            service("web", "10.43.0.9", "80"),
            slice(
                "web", "80", "10.42.0.200", "10.42.0.5", "10.42.0.5", "10.42.0.6?", "10.42.0.7!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.0.5", "10.42.0.200"));
  }

  @Test
  void fallsBackToTerminatingEndpointsThatServe() {
    ServicePort port =
        web(
            service("web", "10.43.0.9", "80"),
            slice("web", "80", "10.42.0.6?", "10.42.0.7!", "10.42.1.8@pi-2!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.0.7", "10.42.1.8"));
  }

  @Test
  void knowsWhatIsLocalAndFallsBackThereByItself() {
    ServicePort port =
        web(
            with(service("web", "10.43.0.9", "80@30080"), "externalTrafficPolicy", "Local"),
            slice("web", "80", "10.42.1.5@pi-2", "10.42.0.7!"));

    assertThat(port.backends()).isEqualTo(backends("10.42.1.5"));
    assertThat(port.localBackends()).isEqualTo(backends("10.42.0.7"));
    assertThat(port.externalBackends()).isEqualTo(port.localBackends());
    assertThat(port.internalBackends()).isEqualTo(port.backends());
  }

  @Test
  void matchesPortsByNameAndProtocol() {
    Obj service =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"clusterIP": "10.43.0.9", "ports": [
               {"name": "http", "port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}]}}
            """);
    Obj slice =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web-1",
               "labels": {"kubernetes.io/service-name": "web"}}, "addressType": "IPv4",
             "ports": [{"name": "http", "port": 8080}, {"name": "dns", "port": 5353, "protocol": "UDP"}],
             "endpoints": [{"addresses": ["10.42.0.5"]}]}
            """);
    web(service, slice);

    assertThat(tables.resolve(WEB))
        .extracting(port -> port.protocol() + port.backends().getFirst().port())
        .containsExactly("tcp8080", "udp5353");
  }

  @Test
  void headlessExternalAndUnknownServicesHaveNoPorts() {
    tables.putService(service("web", "None", "80"));
    assertThat(tables.resolve(WEB)).isEmpty();

    tables.putService(with(service("web", "", "80"), "type", "ExternalName"));
    assertThat(tables.resolve(WEB)).isEmpty();
    assertThat(tables.resolve(new ObjectKey("default", "nobody"))).isEmpty();
  }

  @Test
  void theFirstByKeyHasAContestedAddressWhateverCameFirst() {
    Obj web = with(service("web", "10.43.0.9", "80"), "externalIPs", List.of("203.0.113.1"));
    Obj app = with(service("app", "10.43.0.8", "80"), "externalIPs", List.of("203.0.113.1"));
    tables.putService(web);
    tables.takeChanged();

    tables.putService(app);

    assertThat(tables.takeChanged()).contains(WEB, ObjectKey.of(app));
    assertThat(tables.resolve(WEB).getFirst().externalIps()).isEmpty();
    assertThat(tables.resolve(ObjectKey.of(app)).getFirst().externalIps())
        .containsExactly("203.0.113.1");

    tables.removeService(ObjectKey.of(app));
    assertThat(tables.takeChanged()).contains(WEB);
    assertThat(tables.resolve(WEB).getFirst().externalIps()).containsExactly("203.0.113.1");
  }

  @Test
  void aSliceMayMoveToAnotherService() {
    web(service("web", "10.43.0.9", "80"), slice("web", "80", "10.42.0.5"));
    tables.takeChanged();

    tables.putSlice(
        slice("web", "80", "10.42.0.5")
            .withAt("app", "metadata", "labels", "kubernetes.io/service-name"));

    assertThat(tables.takeChanged())
        .containsExactlyInAnyOrder(WEB, new ObjectKey("default", "app"));
    assertThat(tables.resolve(WEB).getFirst().backends()).isEmpty();
  }
}
