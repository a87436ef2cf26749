package dev.wherry.master.controllers.clusterrole;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.api.Test;

class AggregationPlanTest {
  private static final Obj VIEW =
      json(
          "{'metadata':{'name':'view','labels':{'to-edit':'true'}},"
              + "'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'to-view':'true'}}]}}");
  private static final Obj PODS = role("pods", "{'to-view':'true'}", "pods");
  private static final Obj JOBS = role("jobs", "{'to-view':'true'}", "jobs");
  private static final Obj OTHER = role("other", "{}", "secrets");

  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  private static Obj role(String name, String labels, String resource) {
    return json(
        "{'metadata':{'name':'%s','labels':%s},'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['%s']}]}"
            .formatted(name, labels, resource));
  }

  @Test
  void gathersWhatItSelectsInOrder() {
    Obj gathered = AggregationPlan.plan(VIEW, List.of(PODS, OTHER, VIEW, JOBS)).orElseThrow();
    assertThat(gathered.objs("rules"))
        .extracting(rule -> rule.strings("resources"))
        .containsExactly(List.of("jobs"), List.of("pods"));
    assertThat(AggregationPlan.plan(gathered, List.of(JOBS, gathered, PODS))).isEmpty();
  }

  @Test
  void dropsWhatIsSelectedNoMore() {
    Obj gathered = AggregationPlan.plan(VIEW, List.of(PODS, JOBS)).orElseThrow();
    assertThat(AggregationPlan.plan(gathered, List.of(PODS)).orElseThrow().list("rules"))
        .hasSize(1);
  }

  @Test
  void leavesOtherRolesAlone() {
    assertThat(AggregationPlan.plan(OTHER, List.of(PODS, JOBS))).isEmpty();
  }
}
