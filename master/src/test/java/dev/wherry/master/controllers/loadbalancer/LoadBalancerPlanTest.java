package dev.wherry.master.controllers.loadbalancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import dev.wherry.master.controllers.loadbalancer.LoadBalancerPlan.Candidate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoadBalancerPlanTest {
  private static final Candidate A = new Candidate("a", List.of("192.0.2.1"), List.of());
  private static final Candidate B = new Candidate("b", List.of("192.0.2.2"), List.of());
  private static final AddressRange POOL = AddressRange.parse("192.0.2.100-192.0.2.101");

  private static ServiceView service(String name, String... spec) {
    Obj fields = Obj.of("type", "LoadBalancer");
    for (int i = 0; i < spec.length; i += 2) {
      fields = fields.with(spec[i], spec[i + 1]);
    }
    return new ServiceView(
        Obj.of("metadata", Obj.of("namespace", "default", "name", name), "spec", fields));
  }

  @Test
  void givesTheAddressesOfAllNodesWhereThereIsNoPool() {
    LoadBalancerPlan plan =
        LoadBalancerPlan.plan(service("web"), List.of(B, A), Set.of(), AddressRange.NONE, Set.of());
    assertThat(plan.addresses()).containsExactly("192.0.2.1", "192.0.2.2");
    assertThat(plan.announcer()).isEmpty();
  }

  @Test
  void givesAddressesOfTheServicesFamilies() {
    Candidate both = new Candidate("c", List.of("192.0.2.3", "2001:db8::3"), List.of());
    List<Candidate> nodes = List.of(A, both);
    assertThat(addresses(families("IPv4", "IPv6"), nodes, AddressRange.NONE))
        .containsExactly("192.0.2.1", "192.0.2.3", "2001:db8::3");
    assertThat(addresses(families("IPv4"), nodes, AddressRange.NONE))
        .containsExactly("192.0.2.1", "192.0.2.3");
    assertThat(addresses(families("IPv6"), nodes, AddressRange.NONE))
        .containsExactly("2001:db8::3");
  }

  @Test
  void saysThatThePoolIsOfIpv4() {
    assertThat(addresses(families("IPv4", "IPv6"), List.of(A), POOL)).hasSize(1);
    LoadBalancerPlan six =
        LoadBalancerPlan.plan(families("IPv6"), List.of(A), Set.of(), POOL, Set.of());
    assertThat(six.addresses()).isEmpty();
    assertThat(six.problem()).isEqualTo("the load balancers' pool has no addresses of IPv6");
  }

  private static ServiceView families(String... families) {
    Obj tree = service("web").tree();
    return new ServiceView(
        tree.with("spec", tree.obj("spec").with("ipFamilies", List.of(families))));
  }

  private static List<String> addresses(
      ServiceView service, List<Candidate> nodes, AddressRange pool) {
    return LoadBalancerPlan.plan(service, nodes, Set.of(), pool, Set.of()).addresses();
  }

  @Test
  void leavesOutNodesWithoutEndpointsWhereTrafficStaysOnTheNode() {
    ServiceView local = service("web", "externalTrafficPolicy", "Local");
    assertThat(
            LoadBalancerPlan.plan(local, List.of(A, B), Set.of("b"), AddressRange.NONE, Set.of())
                .addresses())
        .containsExactly("192.0.2.2");
  }

  @Test
  void leavesOtherTypesAndClassesAlone() {
    for (ServiceView foreign :
        List.of(service("web", "type", "NodePort"), service("web", "loadBalancerClass", "x/y"))) {
      LoadBalancerPlan plan = LoadBalancerPlan.plan(foreign, List.of(A), Set.of(), POOL, Set.of());
      assertThat(plan.addresses()).isEmpty();
      assertThat(plan.status(Obj.EMPTY)).isEqualTo(Obj.of("loadBalancer", Obj.EMPTY));
    }
  }

  @Test
  void takesAFreeAddressOfThePoolAndKeepsIt() {
    LoadBalancerPlan first =
        LoadBalancerPlan.plan(service("web"), List.of(A, B), Set.of(), POOL, Set.of("192.0.2.100"));
    assertThat(first.addresses()).containsExactly("192.0.2.101");
    assertThat(first.announcer()).isIn("a", "b");
    ServiceView given =
        new ServiceView(service("web").tree().with("status", first.status(Obj.EMPTY)));
    assertThat(LoadBalancerPlan.plan(given, List.of(A, B), Set.of(), POOL, Set.of()).addresses())
        .containsExactly("192.0.2.101");
    assertThat(taken("other", List.of(given.tree()), List.of())).containsExactly("192.0.2.101");
    assertThat(taken("web", List.of(given.tree()), List.of())).isEmpty();
  }

  @Test
  void saysWhenThePoolIsEmptyOrTheWishCannotBeFulfilled() {
    Set<String> all = Set.of("192.0.2.100", "192.0.2.101");
    assertThat(problem(service("web"), all))
        .isEqualTo("no address of the load balancers' pool is free");
    assertThat(problem(service("web", "loadBalancerIP", "192.0.2.7"), Set.of()))
        .isEqualTo("the address 192.0.2.7 is not one of the load balancers' pool");
    assertThat(problem(service("web", "loadBalancerIP", "192.0.2.101"), Set.of("192.0.2.101")))
        .isEqualTo("the address 192.0.2.101 is another service's or a node's");
  }

  @Test
  void leavesTheNodesOwnAddressesOutOfThePool() {
    Obj address = Obj.of("type", "InternalIP", "address", "192.0.2.100");
    Obj node = Obj.of("status", Obj.of("addresses", List.of(address)));
    assertThat(taken("web", List.of(), List.of(node))).containsExactly("192.0.2.100");
  }

  private static Set<String> taken(String service, List<Obj> services, List<Obj> nodes) {
    return LoadBalancerPlan.taken(new ObjectKey("default", service), services, nodes, POOL);
  }

  private static String problem(ServiceView service, Set<String> taken) {
    return LoadBalancerPlan.plan(service, List.of(A), Set.of(), POOL, taken).problem();
  }

  @Test
  void spreadsServicesAndMovesOnlyThoseOfANodeThatLeaves() {
    List<Candidate> three = List.of(A, B, new Candidate("c", List.of("192.0.2.3"), List.of()));
    Map<String, String> before = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      LoadBalancerPlan plan =
          LoadBalancerPlan.plan(service("s" + i), three, Set.of(), POOL, Set.of());
      before.put("s" + i, plan.announcer());
    }
    assertThat(before.values()).contains("a", "b", "c");
    before.forEach(
        (name, node) -> {
          LoadBalancerPlan after =
              LoadBalancerPlan.plan(service(name), List.of(A, B), Set.of(), POOL, Set.of());
          if (!node.equals("c")) {
            assertThat(after.announcer()).isEqualTo(node);
          }
        });
  }

  @Test
  void hasANodeOfTheAddresssOwnNetworkAnnounceIt() {
    Candidate near = on("near", "203.0.113.0/24", "192.0.2.0/24");
    Candidate far = on("far", "198.51.100.0/24");
    for (int i = 0; i < 20; i++) {
      assertThat(announced("s" + i, near, far, A).announcer()).isEqualTo("near");
    }
    assertThat(announced("web", A, B).problem()).as("nothing is known").isEmpty();
    LoadBalancerPlan lost = announced("web", far);
    assertThat(lost.announcer()).as("it may be there by now").isEqualTo("far");
    assertThat(lost.problem())
        .isEqualTo("no node that can take its traffic is on a network of 192.0.2.100");
  }

  private static Candidate on(String name, String... networks) {
    return new Candidate(name, List.of(), Arrays.stream(networks).map(Cidr::parse).toList());
  }

  private static LoadBalancerPlan announced(String service, Candidate... nodes) {
    return LoadBalancerPlan.plan(service(service), List.of(nodes), Set.of(), POOL, Set.of());
  }

  /** Nodes whose names differ in a digit alone, as they mostly do. */
  @Test
  void givesEachNodeItsPartOfTheServices() {
    Candidate[] nodes =
        IntStream.rangeClosed(1, 5).mapToObj(i -> on("pi-" + i)).toArray(Candidate[]::new);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      counts.merge(announced("svc" + i, nodes).announcer(), 1, Integer::sum);
    }
    assertThat(counts).hasSize(5);
    assertThat(counts.values()).allMatch(count -> count > 150);
  }

  @Test
  void readsRanges() {
    assertThat(AddressRange.parse("192.0.2.0/29").addresses()).hasSize(6).startsWith("192.0.2.1");
    assertThat(AddressRange.parse("192.0.2.9").addresses()).containsExactly("192.0.2.9");
    assertThatThrownBy(() -> AddressRange.parse("192.0.2.9-192.0.2.1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AddressRange.parse("10.0.0.0/8"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
