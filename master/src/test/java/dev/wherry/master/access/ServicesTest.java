package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.NODES;
import static dev.wherry.api.object.GroupResource.SERVICES;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cluster IPs, node ports and pod networks, from the client's side. */
class ServicesTest {
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static long nodePort(Obj service) {
    return service.obj("spec").objs("ports").getFirst().number("nodePort", 0);
  }

  private Obj patch(String name, String body) {
    return objects.patch(
        SERVICES, key(name), "", new Patch(Patch.Kind.STRATEGIC, json(body)), WriteOptions.DEFAULT);
  }

  @Test
  void theApiServiceHasTheFirstAddressAndNobodyElseGetsIt() {
    assertThat(cluster.get(SERVICES, "kubernetes").obj("spec").string("clusterIP"))
        .isEqualTo("10.43.0.1");
    assertThatThrownBy(
            () ->
                objects.create(SERVICES, service("thief").withAt("10.43.0.1", "spec", "clusterIP")))
        .hasMessageContaining("provided IP is already allocated");
  }

  @Test
  void fillsInAddressAndNodePort() {
    Obj made = objects.create(SERVICES, service("web"));
    Obj spec = made.obj("spec");
    assertThat(spec.string("clusterIP")).startsWith("10.43.");
    assertThat(spec.strings("clusterIPs")).containsExactly(spec.string("clusterIP"));
    assertThat(nodePort(made)).isBetween(30000L, 32767L);
    assertThat(spec.objs("ports").getFirst().number("targetPort", 0)).isEqualTo(80);
    assertThat(spec.strings("ipFamilies")).containsExactly("IPv4");
    assertThat(spec.string("externalTrafficPolicy")).isEqualTo("Cluster");
  }

  @Test
  void refusesAddressesOfAFamilyThatTheClusterDoesNotGive() {
    Obj sixth = service("six").withAt(List.of("IPv6"), "spec", "ipFamilies");
    assertThatThrownBy(() -> objects.create(SERVICES, sixth))
        .hasMessageContaining(
            "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster");
    Obj both = service("both").withAt("RequireDualStack", "spec", "ipFamilyPolicy");
    assertThatThrownBy(() -> objects.create(SERVICES, both))
        .hasMessageContaining("this cluster is not configured for dual-stack services");
    Obj preferred = service("one").withAt("PreferDualStack", "spec", "ipFamilyPolicy");
    assertThat(objects.create(SERVICES, preferred).obj("spec").strings("ipFamilies"))
        .containsExactly("IPv4");
    Obj others =
        json(
            """
            {'apiVersion':'v1','kind':'Service','metadata':{'namespace':'default','name':'others'},
             'spec':{'clusterIP':'None','ipFamilies':['IPv6'],'ports':[{'port':80}]}}
            """);
    assertThat(objects.create(SERVICES, others).obj("spec").strings("ipFamilies"))
        .containsExactly("IPv6", "IPv4");
    assertThatThrownBy(
            () -> objects.create(SERVICES, service("far").withAt("fd00::1", "spec", "clusterIP")))
        .hasMessageContaining(
            "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this"
                + " cluster");
  }

  @Test
  void aNodePortIsHeldUntilItIsLetGo() {
    objects.create(SERVICES, service("a"));
    Obj moved = patch("a", "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}");
    assertThat(nodePort(moved)).isEqualTo(30080);
    objects.create(SERVICES, service("b"));
    assertThatThrownBy(() -> patch("b", "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}"))
        .hasMessage(
            "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port"
                + " is already allocated");
    assertThatThrownBy(() -> patch("b", "{'spec':{'ports':[{'port':80,'nodePort':80}]}}"))
        .hasMessageContaining(
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range."
                + " The range of valid ports is 30000-32767");
    patch("a", "{'spec':{'ports':[{'port':80,'nodePort':30081}]}}");
    assertThat(nodePort(patch("b", "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}")))
        .isEqualTo(30080);
    objects.delete(SERVICES, key("b"), DeleteOptions.DEFAULT);
    assertThat(nodePort(patch("a", "{'spec':{'ports':[{'port':80,'nodePort':30080}]}}")))
        .isEqualTo(30080);
  }

  private static Obj balanced(String name, int healthPort) {
    return service(name)
        .withAt("LoadBalancer", "spec", "type")
        .withAt("Local", "spec", "externalTrafficPolicy")
        .withAt((long) healthPort, "spec", "healthCheckNodePort");
  }

  @Test
  void aHealthCheckPortIsANodePortOfTheSameRange() {
    objects.create(SERVICES, balanced("a", 30_099));
    assertThatThrownBy(() -> objects.create(SERVICES, balanced("b", 30_099)))
        .hasMessageContaining(
            "spec.healthCheckNodePort: Invalid value: 30099: provided port is already allocated");
    assertThatThrownBy(() -> objects.create(SERVICES, balanced("b", 80)))
        .hasMessageContaining("spec.healthCheckNodePort: Invalid value: 80: provided port is not");
    objects.create(SERVICES, service("b"));
    assertThatThrownBy(() -> patch("b", "{'spec':{'ports':[{'port':80,'nodePort':30099}]}}"))
        .hasMessageContaining("provided port is already allocated");

    patch("a", "{'spec':{'externalTrafficPolicy':'Cluster','healthCheckNodePort':0}}");
    assertThat(nodePort(patch("b", "{'spec':{'ports':[{'port':80,'nodePort':30099}]}}")))
        .isEqualTo(30_099);
  }

  @Test
  void portsOfTwoProtocolsMayShareANodePortInOneService() {
    Obj made =
        objects.create(
            SERVICES,
            json(
                """
                {'metadata':{'namespace':'default','name':'dns'},'spec':{'type':'NodePort','ports':[
                  {'name':'a','port':53,'protocol':'TCP','nodePort':30053},
                  {'name':'b','port':53,'protocol':'UDP','nodePort':30053},
                  {'name':'c','port':54}]}}
                """));
    List<Obj> ports = made.obj("spec").objs("ports");
    assertThat(ports.get(0).number("nodePort", 0)).isEqualTo(30_053);
    assertThat(ports.get(1).number("nodePort", 0)).isEqualTo(30_053);
    assertThat(ports.get(2).number("nodePort", 0)).isPositive().isNotEqualTo(30_053);
    Obj other = service("other").withAt(List.of(ports.get(1)), "spec", "ports");
    assertThatThrownBy(() -> objects.create(SERVICES, other))
        .hasMessageContaining("provided port is already allocated");
  }

  @Test
  void whatIsHeldIsKnownAfterARestart() throws Exception {
    Obj a = objects.create(SERVICES, service("a"));
    try (Entrance again =
        Entrance.open(cluster.store, ClusterNetwork.DEFAULT, Instant::now, Audit.NONE)) {
      Obj taken = service("b").withAt(a.obj("spec").list("ports"), "spec", "ports");
      assertThatThrownBy(() -> again.as(Identity.MASTER).create(SERVICES, taken))
          .hasMessageContaining("provided port is already allocated");
    }
  }

  @Test
  void anUpdateWithoutAllocatedValuesKeepsThem() {
    Obj made = objects.create(SERVICES, service("web"));
    Obj again = objects.update(SERVICES, service("web"));
    assertThat(again).isEqualTo(made);
  }

  @Test
  void typeChangesDropWhatDoesNotFit() {
    Obj made = objects.create(SERVICES, service("web"));
    Obj inner = patch("web", "{'spec':{'type':'ClusterIP'}}");
    assertThat(nodePort(inner)).isZero();
    assertThat(inner.obj("spec").has("externalTrafficPolicy")).isFalse();
    assertThat(inner.obj("spec").string("clusterIP"))
        .isEqualTo(made.obj("spec").string("clusterIP"));
    Obj outer = patch("web", "{'spec':{'type':'NodePort'}}");
    assertThat(nodePort(outer)).isPositive();
  }

  @Test
  void theClusterIpDoesNotChange() {
    objects.create(SERVICES, service("web"));
    assertThatThrownBy(
            () -> patch("web", "{'spec':{'clusterIP':'10.43.9.9','clusterIPs':['10.43.9.9']}}"))
        .hasMessageContaining(
            "spec.clusterIPs[0]: Invalid value: [\"10.43.9.9\"]: may not change once set");
  }

  @Test
  void headlessAndExternalServicesHoldNothing() {
    Obj headless =
        objects.create(
            SERVICES,
            json(
                "{'metadata':{'name':'h','namespace':'default'},'spec':{'clusterIP':'None','selector':{'a':'b'}}}"));
    assertThat(headless.obj("spec").strings("clusterIPs")).containsExactly("None");
    Obj external =
        objects.create(
            SERVICES,
            json(
                "{'metadata':{'name':'e','namespace':'default'},'spec':{'type':'ExternalName','externalName':'example.com'}}"));
    assertThat(external.obj("spec").has("clusterIP")).isFalse();
  }

  @Test
  void dryRunTakesNothing() {
    WriteOptions dryRun = new WriteOptions("", true, WriteOptions.FieldValidation.IGNORE, false);
    Obj wanted =
        service("a").withAt(List.of(Obj.of("port", 80, "nodePort", 30080)), "spec", "ports");
    objects.create(SERVICES, key("a"), "", wanted, dryRun);
    assertThat(nodePort(objects.create(SERVICES, wanted))).isEqualTo(30080);
  }

  @Test
  void nodesGetPodNetworksOfTheirOwn() {
    Obj one = objects.create(NODES, json("{'metadata':{'name':'n1'}}"));
    Obj two = objects.create(NODES, json("{'metadata':{'name':'n2'}}"));
    assertThat(one.obj("spec").string("podCIDR")).isEqualTo("10.42.0.0/24");
    assertThat(two.obj("spec").string("podCIDR")).isEqualTo("10.42.1.0/24");
    Obj again =
        objects.update(NODES, json("{'metadata':{'name':'n1'},'spec':{'unschedulable':true}}"));
    assertThat(again.obj("spec").string("podCIDR")).isEqualTo("10.42.0.0/24");
    objects.delete(NODES, new ObjectKey("", "n1"), DeleteOptions.DEFAULT);
  }
}
