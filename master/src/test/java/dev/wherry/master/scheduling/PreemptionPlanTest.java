package dev.wherry.master.scheduling;

import static dev.wherry.master.scheduling.Samples.asking;
import static dev.wherry.master.scheduling.Samples.inZone;
import static dev.wherry.master.scheduling.Samples.node;
import static dev.wherry.master.scheduling.Samples.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.select.LabelSelector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreemptionPlanTest {
  private static final ClusterSnapshot TWO =
      ClusterSnapshot.of(List.of(inZone("a", "z"), inZone("b", "z")));

  private static PreemptionPlan plan(
      ClusterSnapshot cluster, PodDemand pod, DisruptionBudget... budgets) {
    return PreemptionPlan.plan(
        cluster, pod, (Decision.Unschedulable) Decision.decide(cluster, pod), List.of(budgets));
  }

  private static String chosen(PreemptionPlan plan) {
    return switch (plan) {
      case PreemptionPlan.Evict(var node, var victims, int _) ->
          node + " " + victims.stream().map(PodDemand::uid).toList();
      case PreemptionPlan.Hopeless(String message) -> message;
    };
  }

  @Test
  void drivesOutAsFewAndAsUnimportantPodsAsPossible() {
    ClusterSnapshot full =
        with(
            with(TWO, "a", asking("x1", 5, "2"), asking("x2", 1, "2")),
            "b",
            asking("y1", 3, "2"),
            asking("y2", 3, "2"));
    assertThat(chosen(plan(full, asking("p", 10, "2")))).isEqualTo("a [x2]");
    assertThat(chosen(plan(full, asking("p", 10, "4")))).isEqualTo("b [y1, y2]");
    assertThat(chosen(plan(full, asking("p", 2, "2")))).isEqualTo("a [x2]");
  }

  @Test
  void saysWhyItWouldNotHelp() {
    ClusterSnapshot full = with(with(TWO, "a", asking("x", 5, "4")), "b", asking("y", 5, "4"));
    assertThat(chosen(plan(full, asking("p", 5, "1"))))
        .isEqualTo(
            "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.");
    assertThat(chosen(plan(full, asking("p", 9, "5"))))
        .isEqualTo(
            "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
    ClusterSnapshot mixed = full.with(node("c", "", ", 'spec': {'unschedulable': true}"));
    assertThat(chosen(plan(mixed, asking("p", 5, "1"))))
        .isEqualTo(
            "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No"
                + " preemption victims found for incoming pod.");
  }

  @Test
  void respectsBudgetsWherePossible() {
    ClusterSnapshot full = with(with(TWO, "a", asking("x", 1, "4")), "b", asking("y", 4, "4"));
    DisruptionBudget none =
        new DisruptionBudget("default", LabelSelector.ofLabels(Map.of("app", "x")), 0, Set.of());
    assertThat(chosen(plan(full, asking("p", 9, "1")))).isEqualTo("a [x]");
    assertThat(chosen(plan(full, asking("p", 9, "1"), none))).isEqualTo("b [y]");
    ClusterSnapshot alone = full.without(new dev.wherry.api.object.NodeName("b"));
    assertThat(plan(alone, asking("p", 9, "1"), none))
        .isInstanceOfSatisfying(
            PreemptionPlan.Evict.class, evict -> assertThat(evict.budgetsBroken()).isEqualTo(1));
  }
}
