package dev.wherry.master.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a start does to the default flow schemas and priority levels. */
class InitialFlowsTest {
  private static final GroupResource LEVELS =
      new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations");
  private static final GroupResource SCHEMAS =
      new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas");
  private final TestCluster cluster = new TestCluster();

  InitialFlowsTest() {
    InitialFlows.ensure(cluster.objects);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private Obj get(GroupResource resource, String name) {
    return cluster.objects.get(resource, new ObjectKey("", name));
  }

  private static Obj withShares(Obj level, long shares) {
    return level.withAt(shares, "spec", "limited", "nominalConcurrencyShares");
  }

  @Test
  void makesThem() {
    assertThat(get(SCHEMAS, "catch-all").obj("spec").number("matchingPrecedence", 0))
        .isEqualTo(10_000);
    assertThat(get(LEVELS, "exempt").obj("spec").string("type")).isEqualTo("Exempt");
    assertThat(get(LEVELS, "workload-low").at("spec", "limited").number("lendablePercent", 0))
        .isEqualTo(90);
  }

  @Test
  void givesThemTheirSpecsBack() {
    cluster.objects.update(LEVELS, withShares(get(LEVELS, "system"), 7));
    InitialFlows.ensure(cluster.objects);
    assertThat(get(LEVELS, "system").at("spec", "limited").number("nominalConcurrencyShares", 0))
        .isEqualTo(30);
  }

  @Test
  void leavesThoseThatAUserKeeps() {
    Obj kept =
        withShares(get(LEVELS, "system"), 7)
            .withAt(
                Obj.of("apf.kubernetes.io/autoupdate-spec", "false"), "metadata", "annotations");
    cluster.objects.update(LEVELS, kept);
    InitialFlows.ensure(cluster.objects);
    assertThat(get(LEVELS, "system").at("spec", "limited").number("nominalConcurrencyShares", 0))
        .isEqualTo(7);
  }

  @Test
  void writesNothingWhereAllIsThere() {
    String version = get(SCHEMAS, "probes").obj("metadata").string("resourceVersion");
    InitialFlows.ensure(cluster.objects);
    assertThat(get(SCHEMAS, "probes").obj("metadata").string("resourceVersion")).isEqualTo(version);
  }

  @Test
  void letsNobodyChangeTheMandatoryOnes() {
    Obj changed = withShares(get(LEVELS, "catch-all"), 7);
    assertThatThrownBy(() -> cluster.objects.update(LEVELS, changed))
        .hasMessageContaining("spec of 'catch-all' must equal the fixed value");
  }
}
