package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;

/** Pod disruption budgets. */
final class PodDisruptionBudgetKind implements SpecAndStatus {
  private static final String NOT_AVAILABLE = "N/A";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
          .shortNames("pdb")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Min Available", (budget, _) -> amount(budget, "minAvailable")),
              Column.text("Max Unavailable", (budget, _) -> amount(budget, "maxUnavailable")),
              Column.number(
                  "Allowed Disruptions",
                  (budget, _) -> budget.obj("status").number("disruptionsAllowed", 0)),
              Column.AGE)
          .strategy(new PodDisruptionBudgetKind())
          .build();

  private PodDisruptionBudgetKind() {}

  private static String amount(Obj budget, String key) {
    return budget.obj("spec").get(key).map(String::valueOf).orElse(NOT_AVAILABLE);
  }

  @Override
  public Obj beforeCreate(Obj budget) {
    return budget.with(
        "status",
        Obj.builder()
            .put("disruptionsAllowed", 0L)
            .put("currentHealthy", 0L)
            .put("desiredHealthy", 0L)
            .put("expectedPods", 0L)
            .build());
  }

  @Override
  public boolean allowsUnconditionalUpdate() {
    return false;
  }

  @Override
  public void check(Obj budget, Causes causes) {
    Obj spec = budget.obj("spec");
    if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
      causes.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
    }
    for (String key : List.of("minAvailable", "maxUnavailable")) {
      Object value = spec.get(key).orElse(0L);
      Checks.countOrPercent(value, "spec." + key, causes);
      Checks.notMoreThanAll(value, "spec." + key, causes);
    }
    Labels.checkSelector(spec.obj("selector"), "spec.selector", causes);
    String policy = spec.string("unhealthyPodEvictionPolicy");
    List<String> policies = List.of("AlwaysAllow", "IfHealthyBudget");
    if (!policy.isEmpty() && !policies.contains(policy)) {
      causes.notSupported("spec.unhealthyPodEvictionPolicy", policy, policies);
    }
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.budget(updated, causes);
    ConditionChecks.check(updated.obj("status"), "status", causes);
  }
}
