package dev.wherry.master.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointSlicePlanTest {
  private static ServiceView service(String spec) {
    return new ServiceView(
        Json.read(
            """
            {"metadata": {"namespace": "n", "name": "web", "uid": "s", "labels": {"l": "1"}},
             "spec": %s}
            """
                .formatted(spec)));
  }

  private static final ServiceView WEB =
      service("{\"ports\": [{\"port\": 80, \"targetPort\": \"http\"}]}");

  private static PodView pod(String name, String ip, boolean ready, int port) {
    return new PodView(
        Json.read(
            """
            {"metadata": {"namespace": "n", "name": "%s", "uid": "u-%s"},
             "spec": {"nodeName": "node", "containers": [
               {"ports": [{"name": "http", "containerPort": %d}]}]},
             "status": {"phase": "Running", "podIP": "%s",
               "conditions": [{"type": "Ready", "status": "%s"}]}}
            """
                .formatted(name, name, port, ip, ready ? "True" : "False")));
  }

  @Test
  void saysOfEachPodWhetherItServes() {
    PodView leaving =
        new PodView(
            pod("c", "10.0.0.3", true, 80)
                .tree()
                .withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"));
    List<PodView> pods =
        List.of(pod("b", "10.0.0.2", false, 80), pod("a", "10.0.0.1", true, 80), leaving);
    Obj slice = plan(WEB, pods, List.of()).create().getFirst();
    EndpointSliceView view = new EndpointSliceView(slice);
    assertThat(view.serviceName()).isEqualTo("web");
    assertThat(view.ports().getFirst().port()).isEqualTo(80);
    assertThat(view.meta().controller().orElseThrow().uid()).isEqualTo("s");
    assertThat(view.endpoints())
        .extracting(
            each -> each.addresses().getFirst(),
            EndpointSliceView.Endpoint::ready,
            EndpointSliceView.Endpoint::serving,
            EndpointSliceView.Endpoint::terminating)
        .containsExactly(
            tuple("10.0.0.1", true, true, false),
            tuple("10.0.0.2", false, false, false),
            tuple("10.0.0.3", false, true, true));
    Obj subset = LegacyEndpoints.of(WEB, pods).objs("subsets").getFirst();
    assertThat(subset.objs("addresses")).hasSize(1);
    assertThat(subset.objs("notReadyAddresses")).hasSize(1);
  }

  @Test
  void publishesUnreadyAddressesWhereTheServiceAsksForIt() {
    ServiceView service =
        service("{\"ports\": [{\"port\": 80}], \"publishNotReadyAddresses\": true}");
    Obj slice =
        plan(service, List.of(pod("a", "10.0.0.1", false, 80)), List.of()).create().getFirst();
    assertThat(new EndpointSliceView(slice).endpoints().getFirst().ready()).isTrue();
  }

  /** A pod in the network of a machine that has loopback alone; slices refuse its address. */
  @Test
  void leavesOutAddressesThatOnlyTheirOwnMachineCanReach() {
    List<PodView> pods = List.of(pod("a", "10.0.0.1", true, 80), pod("b", "127.0.0.1", true, 80));
    EndpointSlicePlan plan = plan(WEB, pods, List.of());
    assertThat(new EndpointSliceView(plan.create().getFirst()).endpoints())
        .extracting(each -> each.addresses().getFirst())
        .containsExactly("10.0.0.1");
    assertThat(plan(WEB, pods, plan.create()).isEmpty()).isTrue();
    assertThat(LegacyEndpoints.of(WEB, pods).toString()).doesNotContain("127.0.0.1");
  }

  /**
   * Which ports the one endpoint's slice has, and the subset of the endpoints; -: there is none.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'ports': [{'port': 80, 'targetPort': 'http'}]                      | 8080 | 8080
          'ports': [{'port': 80, 'targetPort': 'none'}]                      | -    | -
          'ports': [{'port': 80, 'targetPort': 9090}]                        | 9090 | 9090
          'clusterIP': 'None', 'ports': [{'port': 80, 'targetPort': 'http'}] | 8080 | 8080
          'clusterIP': 'None', 'ports': [{'port': 80, 'targetPort': 'none'}] | ""   | -
          'clusterIP': 'None'                                                | ""   | ""
          """)
  void leadsToThePortsThatThePodHas(String spec, String slicePorts, String subsetPorts) {
    ServiceView service = service("{" + spec.replace('\'', '"') + "}");
    List<PodView> pods = List.of(pod("a", "10.0.0.1", true, 8080));
    Obj slice = plan(service, pods, List.of()).create().getFirst();
    assertThat(slice.objs("endpoints").isEmpty() ? "-" : ports(slice)).isEqualTo(slicePorts);
    assertThat(Meta.of(slice).labels().containsKey("service.kubernetes.io/headless"))
        .isEqualTo(spec.contains("None"));
    List<Obj> subsets = LegacyEndpoints.of(service, pods).objs("subsets");
    assertThat(subsets.isEmpty() ? "-" : ports(subsets.getFirst())).isEqualTo(subsetPorts);
  }

  private static String ports(Obj of) {
    List<String> numbers =
        of.objs("ports").stream().map(each -> each.get("port").orElse("").toString()).toList();
    return String.join(",", numbers);
  }

  @Test
  void keepsPodsWithDifferentPortsApart() {
    List<PodView> pods = List.of(pod("a", "10.0.0.1", true, 80), pod("b", "10.0.0.2", true, 8080));
    assertThat(plan(WEB, pods, List.of()).create()).hasSize(2);
    assertThat(LegacyEndpoints.of(WEB, pods).objs("subsets")).hasSize(2);
  }

  @Test
  void makesAnEmptySliceForAServiceWithoutPodsAndFillsItLater() {
    List<Obj> made = plan(WEB, List.of(), List.of()).create();
    assertThat(made).hasSize(1);
    EndpointSlicePlan plan = plan(WEB, List.of(pod("a", "10.0.0.1", true, 80)), made);
    assertThat(plan.create()).isEmpty();
    assertThat(plan.delete()).isEmpty();
    assertThat(Meta.of(plan.update().getFirst()).name()).isEqualTo(Meta.of(made.getFirst()).name());
  }

  /** Every endpoint is in just one slice, no slice is too long, and little moves. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void followsThePodsWithFewWrites(long seed) {
    Random random = new Random(seed);
    Map<String, PodView> pods = new LinkedHashMap<>();
    Map<String, Obj> slices = new LinkedHashMap<>();
    int next = 0;
    for (int round = 0; round < 40; round++) {
      for (int i = random.nextInt(30); i > 0; i--, next++) {
        String ip = "10." + next / 250 + ".0." + next % 250;
        pods.put("p" + next, pod("p" + next, ip, true, 80 + next % 2));
      }
      List<String> names = new ArrayList<>(pods.keySet());
      for (int i = random.nextInt(20); i > 0 && !names.isEmpty(); i--) {
        pods.remove(names.remove(random.nextInt(names.size())));
      }
      List<PodView> all = List.copyOf(pods.values());
      apply(plan(WEB, all, List.copyOf(slices.values())), slices);
      assertThat(plan(WEB, all, List.copyOf(slices.values())).isEmpty())
          .as("seed %d round %d", seed, round)
          .isTrue();
      List<String> listed = new ArrayList<>();
      for (Obj slice : slices.values()) {
        List<Obj> endpoints = slice.objs("endpoints");
        assertThat(endpoints).hasSizeLessThanOrEqualTo(EndpointSlicePlan.MAX_ENDPOINTS);
        endpoints.forEach(each -> listed.add(each.obj("targetRef").string("name")));
      }
      assertThat(listed).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(pods.keySet());
    }
    pods.remove(pods.keySet().iterator().next());
    EndpointSlicePlan one = plan(WEB, List.copyOf(pods.values()), List.copyOf(slices.values()));
    assertThat(one.update().size() + one.delete().size()).isEqualTo(1);
  }

  private static EndpointSlicePlan plan(
      ServiceView service, List<PodView> pods, List<Obj> existing) {
    return EndpointSlicePlan.plan(service, pods, existing, Zones.NONE);
  }

  private static void apply(EndpointSlicePlan plan, Map<String, Obj> slices) {
    plan.create().forEach(each -> slices.put(Meta.of(each).name(), each));
    plan.update().forEach(each -> slices.put(Meta.of(each).name(), each));
    plan.delete().forEach(each -> slices.remove(Meta.of(each).name()));
  }
}
