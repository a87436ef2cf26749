package dev.wherry.master.controllers.disruption;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.IntOrPercent;
import dev.wherry.api.view.PodDisruptionBudgetView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The status of a budget (Kubernetes: Specifying a Disruption Budget). Pure.
 *
 * @param status as it should be
 * @param recheck when a pod that was given away, and is there still, counts again
 * @param notDeleted names of pods that were given away and stayed
 */
record BudgetPlan(Obj status, Optional<Duration> recheck, List<String> notDeleted) {
  /** For so long a pod that was given away counts as gone (Kubernetes: DeletionTimeout). */
  static final Duration GIVEN_AWAY = Duration.ofMinutes(2);

  private static final String ALLOWED = "DisruptionAllowed";

  /** Whether the number of pods that there should be is needed: minAvailable as a number is not. */
  static boolean needsScale(PodDisruptionBudgetView budget) {
    return budget.maxUnavailable().isPresent()
        || budget.minAvailable().filter(IntOrPercent::percent).isPresent();
  }

  /**
   * @param pods those that the budget selects
   * @param scale how many there should be, by their controllers
   */
  static BudgetPlan plan(
      PodDisruptionBudgetView budget, List<PodView> pods, long scale, Instant now) {
    long expected = needsScale(budget) ? scale : pods.size();
    long desired =
        budget
            .maxUnavailable()
            .map(most -> Math.max(0, expected - most.roundedUpOf(expected)))
            .or(() -> budget.minAvailable().map(least -> least.roundedUpOf(expected)))
            .orElse(0L);
    Disrupted disrupted = Disrupted.of(budget, pods, now);
    long healthy =
        pods.stream()
            .filter(
                pod ->
                    pod.isReady()
                        && !pod.isFinished()
                        && !pod.isTerminating()
                        && !disrupted.left.containsKey(pod.key().name()))
            .count();
    long allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
    Condition condition =
        allowed > 0
            ? condition(budget, Condition.TRUE, "SufficientPods", "", now)
            : condition(budget, Condition.FALSE, "InsufficientPods", "", now);
    Obj status =
        Obj.builder()
            .put("observedGeneration", budget.meta().generation())
            .putUnlessEmpty("disruptedPods", Obj.of(disrupted.left))
            .put("disruptionsAllowed", allowed)
            .put("currentHealthy", healthy)
            .put("desiredHealthy", desired)
            .put("expectedPods", expected)
            .put("conditions", Condition.set(budget.status().objs("conditions"), condition))
            .build();
    return new BudgetPlan(status, disrupted.recheck, List.copyOf(disrupted.stayed.keySet()));
  }

  /** The controllers cannot be asked: nothing may go. */
  static BudgetPlan failed(PodDisruptionBudgetView budget, String message, Instant now) {
    Condition condition = condition(budget, Condition.FALSE, "SyncFailed", message, now);
    Obj status =
        budget
            .status()
            .with("disruptionsAllowed", 0)
            .with("currentHealthy", budget.status().number("currentHealthy", 0))
            .with("desiredHealthy", budget.status().number("desiredHealthy", 0))
            .with("expectedPods", budget.status().number("expectedPods", 0))
            .with("observedGeneration", budget.meta().generation())
            .with("conditions", Condition.set(budget.status().objs("conditions"), condition));
    return new BudgetPlan(status, Optional.empty(), List.of());
  }

  private static Condition condition(
      PodDisruptionBudgetView budget, String status, String reason, String message, Instant now) {
    return new Condition(
        Condition.of(ALLOWED, status, reason, "", now)
            .tree()
            .with("message", message)
            .with("observedGeneration", budget.meta().generation()));
  }

  /** Pods that were given away: those that may yet go, and those that have stayed too long. */
  private static final class Disrupted {
    final Map<String, String> left = new LinkedHashMap<>();
    final Map<String, String> stayed = new LinkedHashMap<>();
    Optional<Duration> recheck = Optional.empty();

    static Disrupted of(PodDisruptionBudgetView budget, List<PodView> pods, Instant now) {
      Disrupted disrupted = new Disrupted();
      Map<String, String> given = budget.disruptedPods();
      for (PodView pod : pods) {
        String name = pod.key().name();
        String time = given.get(name);
        if (time == null || pod.isTerminating()) {
          continue;
        }
        Instant end = Meta.Times.parse(time).orElse(Instant.EPOCH).plus(GIVEN_AWAY);
        if (end.isAfter(now)) {
          disrupted.left.put(name, time);
          Duration wait = Duration.between(now, end);
          disrupted.recheck =
              disrupted
                  .recheck
                  .filter(each -> each.compareTo(wait) < 0)
                  .or(() -> Optional.of(wait));
        } else {
          disrupted.stayed.put(name, time);
        }
      }
      return disrupted;
    }
  }
}
