package dev.wherry.master.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodDisruptionBudgetView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static PodDisruptionBudgetView budget(String spec, String status) {
    return new PodDisruptionBudgetView(
        Json.read(
            """
            {'metadata': {'name': 'b', 'namespace': 'd', 'generation': 3},
             'spec': {%s}, 'status': {%s}}"""
                .formatted(spec, status)
                .replace('\'', '"')));
  }

  private static PodView pod(String name, String ready, String more) {
    return new PodView(
        Json.read(
            """
            {'metadata': {'name': '%s', 'namespace': 'd'%s},
             'status': {'conditions': [{'type': 'Ready', 'status': '%s'}]}}"""
                .formatted(name, more, ready)
                .replace('\'', '"')));
  }

  private static List<PodView> pods(int ready, int unready) {
    List<PodView> pods = new ArrayList<>();
    for (int i = 0; i < ready + unready; i++) {
      pods.add(pod("p" + i, i < ready ? "True" : "False", ""));
    }
    return pods;
  }

  /** Percentages round up, so that a budget rather keeps one pod too many than one too few. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // budget                  | ready | unready | scale | desired | allowed | expected
        "'minAvailable': 2         | 3 | 0 | 0 | 2 | 1 | 3",
        "'minAvailable': 2         | 1 | 2 | 0 | 2 | 0 | 3",
        "'minAvailable': 0         | 0 | 0 | 0 | 0 | 0 | 0",
        "'minAvailable': '50%'     | 7 | 0 | 7 | 4 | 3 | 7",
        "'minAvailable': '100%'    | 4 | 0 | 4 | 4 | 0 | 4",
        "'maxUnavailable': 1       | 3 | 0 | 3 | 2 | 1 | 3",
        "'maxUnavailable': 1       | 3 | 0 | 5 | 4 | 0 | 5",
        "'maxUnavailable': '30%'   | 7 | 0 | 7 | 4 | 3 | 7",
        "'maxUnavailable': '100%'  | 2 | 1 | 3 | 0 | 2 | 3",
        "'maxUnavailable': 9       | 2 | 0 | 2 | 0 | 2 | 2",
      })
  void countsWhatMayGo(
      String spec, int ready, int unready, int scale, int desired, int allowed, int expected) {
    Obj status = BudgetPlan.plan(budget(spec, ""), pods(ready, unready), scale, NOW).status();
    assertThat(status.number("desiredHealthy", -1)).isEqualTo(desired);
    assertThat(status.number("currentHealthy", -1)).isEqualTo(ready);
    assertThat(status.number("disruptionsAllowed", -1)).isEqualTo(allowed);
    assertThat(status.number("expectedPods", -1)).isEqualTo(expected);
    assertThat(status.number("observedGeneration", -1)).isEqualTo(3);
    Obj condition = status.objs("conditions").getFirst();
    assertThat(condition.string("reason"))
        .isEqualTo(allowed > 0 ? "SufficientPods" : "InsufficientPods");
  }

  @Test
  void doesNotCountWhatWasGivenAwayNorWhatIsGoing() {
    PodDisruptionBudgetView budget =
        budget(
            "'minAvailable': 1",
            "'disruptedPods': {'a': '2026-01-01T11:59:00Z', 'b': '2026-01-01T11:00:00Z',"
                + " 'gone': '2026-01-01T11:59:30Z'}");
    List<PodView> pods =
        List.of(
            pod("a", "True", ""),
            pod("b", "True", ""),
            pod("c", "True", ""),
            pod("d", "True", ", 'deletionTimestamp': '2026-01-01T11:59:50Z'"),
            new PodView(pod("e", "True", "").tree().withAt("Failed", "status", "phase")));
    BudgetPlan plan = BudgetPlan.plan(budget, pods, 0, NOW);
    assertThat(plan.status().number("currentHealthy", -1)).isEqualTo(2);
    assertThat(plan.status().number("disruptionsAllowed", -1)).isEqualTo(1);
    assertThat(plan.status().stringMap("disruptedPods")).containsOnlyKeys("a");
    assertThat(plan.recheck()).contains(Duration.ofMinutes(1));
    assertThat(plan.notDeleted()).as("it should have gone an hour ago").containsExactly("b");
  }

  @Test
  void secondPlanChangesNothing() {
    PodDisruptionBudgetView budget = budget("'maxUnavailable': '50%'", "");
    Obj first = BudgetPlan.plan(budget, pods(4, 1), 5, NOW).status();
    PodDisruptionBudgetView after =
        new PodDisruptionBudgetView(budget.tree().with("status", first));
    assertThat(BudgetPlan.plan(after, pods(4, 1), 5, NOW.plusSeconds(60)).status())
        .isEqualTo(first);
  }

  @Test
  void letsNothingGoWhereTheControllersCannotBeAsked() {
    Obj status =
        BudgetPlan.failed(
                budget("'maxUnavailable': 1", "'disruptionsAllowed': 2"), "no controllers", NOW)
            .status();
    assertThat(status.number("disruptionsAllowed", -1)).isZero();
    assertThat(status.objs("conditions").getFirst().string("reason")).isEqualTo("SyncFailed");
  }
}
