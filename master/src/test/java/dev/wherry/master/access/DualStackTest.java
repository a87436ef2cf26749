package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.NODES;
import static dev.wherry.api.object.GroupResource.SERVICES;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.address.IpRanges;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.ipam.ClusterNetwork;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services and nodes of a cluster with both address families. */
class DualStackTest {
  private static final ClusterNetwork NETWORK =
      new ClusterNetwork(
          IpRanges.parse("10.43.0.0/16,fd43::/112"),
          IpRanges.parse("10.42.0.0/16,fd42::/48"),
          24,
          64,
          30000,
          32767);

  private final TestCluster cluster = new TestCluster(AdmissionOptions.STANDARD, NETWORK);
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static Obj service(String name, String spec) {
    return json(
        "{'apiVersion':'v1','kind':'Service','metadata':{'namespace':'default','name':'%s'},'spec':%s}"
            .formatted(name, spec));
  }

  private Obj create(String name, String spec) {
    return objects.create(SERVICES, service(name, spec)).obj("spec");
  }

  private Obj update(String name, String policy) {
    Obj stored = objects.get(SERVICES, key(name));
    return objects.update(SERVICES, stored.withAt(policy, "spec", "ipFamilyPolicy")).obj("spec");
  }

  @Test
  void aServiceThatAsksForNothingHasOneFamily() {
    Obj spec = create("one", "{'ports':[{'port':80}]}");

    assertThat(spec.strings("ipFamilies")).containsExactly("IPv4");
    assertThat(spec.strings("clusterIPs")).hasSize(1).first().asString().startsWith("10.43.");
    assertThat(cluster.get(SERVICES, "kubernetes").obj("spec").strings("clusterIPs"))
        .containsExactly("10.43.0.1");
  }

  @Test
  void servicesHaveAnAddressOfEachFamilyWhereTheyAskForBoth() {
    for (String policy : new String[] {"PreferDualStack", "RequireDualStack"}) {
      Obj spec =
          create(
              policy.toLowerCase(java.util.Locale.ROOT),
              "{'ipFamilyPolicy':'%s','ports':[{'port':80}]}".formatted(policy));
      assertThat(spec.strings("ipFamilies")).containsExactly("IPv4", "IPv6");
      assertThat(spec.strings("clusterIPs").getFirst())
          .startsWith("10.43.")
          .isEqualTo(spec.string("clusterIP"));
      assertThat(spec.strings("clusterIPs").getLast()).startsWith("fd43::");
    }
    Obj six = create("six", "{'ipFamilies':['IPv6'],'ports':[{'port':80}]}");
    assertThat(six.string("ipFamilyPolicy")).isEqualTo("SingleStack");
    assertThat(six.strings("clusterIPs")).hasSize(1).first().asString().startsWith("fd43::");
    Obj first =
        create(
            "six-first",
            "{'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv6'],'ports':[{'port':80}]}");
    assertThat(first.strings("ipFamilies")).containsExactly("IPv6", "IPv4");
    assertThat(first.string("clusterIP")).startsWith("fd43::");
    Obj headless =
        create(
            "headless",
            "{'clusterIP':'None','selector':{'a':'b'},'ipFamilyPolicy':'PreferDualStack'}");
    assertThat(headless.strings("ipFamilies")).containsExactly("IPv4", "IPv6");
    assertThat(headless.strings("clusterIPs")).containsExactly("None");
  }

  @Test
  void aSecondAddressComesAndGoesWithThePolicy() {
    String first = create("web", "{'ports':[{'port':80}]}").string("clusterIP");

    List<String> both = update("web", "PreferDualStack").strings("clusterIPs");
    assertThat(both).hasSize(2).first().isEqualTo(first);
    Obj asked = service("thief", "{'ipFamilies':['IPv6'],'ports':[{'port':80}]}");
    Obj same = asked.withAt(both.getLast(), "spec", "clusterIP");
    assertThatThrownBy(() -> objects.create(SERVICES, same))
        .hasMessageContaining("provided IP is already allocated");

    Obj single = update("web", "SingleStack");
    assertThat(single.strings("clusterIPs")).containsExactly(first);
    assertThat(single.strings("ipFamilies")).containsExactly("IPv4");
    assertThat(objects.create(SERVICES, same).obj("spec").string("clusterIP"))
        .isEqualTo(both.getLast());
  }

  @Test
  void nodesGetARangeOfEachFamily() {
    Obj node =
        objects.create(NODES, json("{'apiVersion':'v1','kind':'Node','metadata':{'name':'n1'}}"));

    assertThat(node.obj("spec").strings("podCIDRs"))
        .containsExactly("10.42.0.0/24", "fd42::/64")
        .first()
        .isEqualTo(node.obj("spec").string("podCIDR"));
  }
}
