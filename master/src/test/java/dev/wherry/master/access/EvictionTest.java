package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.PODS;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvictionTest {
  private static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @BeforeEach
  void twoReadyPods() {
    for (String name : new String[] {"a", "b"}) {
      objects.create(PODS, pod(name));
      ready(name, "True");
    }
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private void ready(String name, String status) {
    objects.updateStatus(
        PODS,
        cluster
            .get(PODS, name)
            .with(
                "status",
                json(
                    "{'phase':'Running','conditions':[{'type':'Ready','status':'"
                        + status
                        + "'}]}")));
  }

  private void budget(String name, String spec, String status) {
    Obj made =
        objects.create(
            BUDGETS,
            json(
                "{'metadata':{'name':'%s','namespace':'default'},'spec':{%s'selector':{'matchLabels':{'app':'web'}}}}"
                    .formatted(name, spec)));
    objects.updateStatus(BUDGETS, made.with("status", json(status)));
  }

  private void evict(String name) {
    Obj eviction =
        json("{'kind':'Eviction','apiVersion':'policy/v1','metadata':{'name':'" + name + "'}}");
    objects.create(PODS, key(name), "eviction", eviction, WriteOptions.DEFAULT);
  }

  private StatusException refusal(String name) {
    StatusException refusal = catchThrowableOfType(StatusException.class, () -> evict(name));
    assertThat(refusal).isNotNull();
    assertThat(cluster.get(PODS, name).at("metadata").string("deletionTimestamp")).isEmpty();
    return refusal;
  }

  /** As the query of the request says it, and as the body does. */
  @ParameterizedTest
  @CsvSource({"true, {}", "false, {'dryRun':['All']}"})
  void aDryRunEvictsNobody(boolean dryRun, String deleteOptions) {
    budget(
        "b",
        "'minAvailable':1,",
        "{'disruptionsAllowed':1,'currentHealthy':2,'desiredHealthy':1,'observedGeneration':1}");
    Obj before = cluster.get(BUDGETS, "b");
    Obj pod = cluster.get(PODS, "a");
    Obj eviction = json("{'metadata':{'name':'a'},'deleteOptions':" + deleteOptions + "}");
    WriteOptions options = new WriteOptions("", dryRun, WriteOptions.FieldValidation.IGNORE, false);
    objects.create(PODS, key("a"), "eviction", eviction, options);
    assertThat(cluster.get(PODS, "a")).isEqualTo(pod);
    assertThat(cluster.get(BUDGETS, "b")).isEqualTo(before);
  }

  private boolean isGone(String name) {
    return objects
        .list(PODS, "default", ListOptions.ALL.withFields("metadata.name=" + name))
        .items()
        .stream()
        .allMatch(each -> !each.obj("metadata").string("deletionTimestamp").isEmpty());
  }

  @Test
  void deletesWhereNoBudgetCountsThePod() {
    evict("a");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  void takesADisruptionAndRefusesTheNext() {
    budget(
        "web",
        "",
        "{'observedGeneration':1,'disruptionsAllowed':1,'desiredHealthy':1,'currentHealthy':2}");
    evict("a");
    assertThat(isGone("a")).isTrue();
    Obj status = cluster.get(BUDGETS, "web").obj("status");
    assertThat(status.number("disruptionsAllowed", -1)).isZero();
    assertThat(status.obj("disruptedPods").string("a")).isEqualTo("2026-01-01T00:00:00Z");

    StatusException refusal = refusal("b");
    assertThat(refusal.reason()).isEqualTo(Reason.TOO_MANY_REQUESTS);
    assertThat(refusal)
        .hasMessage("Cannot evict pod as it would violate the pod's disruption budget.");
    assertThat(refusal.details().objs("causes").getFirst().string("message"))
        .isEqualTo("The disruption budget web needs 1 healthy pods and has 2 currently");
    assertThat(refusal.details().number("retryAfterSeconds", -1)).isZero();
  }

  @Test
  void waitsForTheBudgetsController() {
    budget("web", "", "{'disruptionsAllowed':1}");
    assertThat(refusal("a").details().toString()).contains("is still being processed");
  }

  @Test
  void letsUnreadyPodsGoAsThePolicySays() {
    ready("a", "False");
    budget(
        "web",
        "",
        "{'observedGeneration':1,'disruptionsAllowed':0,'desiredHealthy':2,'currentHealthy':1}");
    assertThat(refusal("a").reason()).isEqualTo(Reason.TOO_MANY_REQUESTS);
    objects.update(
        BUDGETS,
        cluster
            .get(BUDGETS, "web")
            .change("spec", spec -> spec.with("unhealthyPodEvictionPolicy", "AlwaysAllow")));
    evict("a");
    assertThat(isGone("a")).isTrue();
  }

  @Test
  void refusesTwoBudgetsOfOnePod() {
    budget("one", "", "{'observedGeneration':1,'disruptionsAllowed':1}");
    budget("two", "", "{'observedGeneration':1,'disruptionsAllowed':1}");
    assertThat(refusal("a").reason()).isEqualTo(Reason.INTERNAL_ERROR);
  }
}
