package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodDisruptionBudgetView;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an eviction does before the pod is deleted: it takes one of the disruptions that the pod's
 * budget allows (Kubernetes: API-initiated eviction). Two that come together cannot take the same
 * one: the budget's status is written where nobody wrote it meanwhile. Thread-safe.
 */
final class Evictions {
  private static final int MAX_UNCONFIRMED = 2000;
  private static final int PROCESSING_SECONDS = 10;
  private static final String REFUSED =
      "Cannot evict pod as it would violate the pod's disruption budget.";
  private static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");

  private final ObjectReader reader;
  private final ObjectCache cache;
  private final ObjectWriter writer;
  private final Definitions definitions;
  private final InstantSource clock;

  Evictions(
      ObjectReader reader,
      ObjectCache cache,
      ObjectWriter writer,
      Definitions definitions,
      InstantSource clock) {
    this.reader = reader;
    this.cache = cache;
    this.writer = writer;
    this.definitions = definitions;
    this.clock = clock;
  }

  /**
   * Takes the disruption, where a budget counts the pod.
   *
   * @throws StatusException TOO_MANY_REQUESTS when the budget allows none
   */
  void take(ObjectKey key, DeleteOptions options) {
    Optional<Obj> pod = cache.get(GroupResource.PODS, key);
    Optional<ResourceDefinition> budgets = definitions.find(BUDGETS);
    if (pod.isEmpty() || budgets.isEmpty() || isFree(new PodView(pod.get()))) {
      return;
    }
    PodView view = new PodView(pod.get());
    List<PodDisruptionBudgetView> selecting = new ArrayList<>();
    for (Obj each : reader.list(budgets.get(), key.namespace(), ListOptions.ALL).items()) {
      PodDisruptionBudgetView budget = new PodDisruptionBudgetView(each);
      if (budget.selects(view.meta().labels())) {
        selecting.add(budget);
      }
    }
    if (selecting.size() > 1) {
      throw StatusException.of(
          Reason.INTERNAL_ERROR,
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
              + " support.");
    }
    if (selecting.isEmpty() || isUncounted(view, selecting.getFirst())) {
      return;
    }
    writer.modify(
        budgets.get(),
        selecting.getFirst().key(),
        "status",
        (current, _) ->
            ObjectWriter.Edited.of(
                taken(new PodDisruptionBudgetView(current), key.name(), clock.instant())),
        new WriteOptions(
            "kube-apiserver", options.dryRun(), WriteOptions.FieldValidation.IGNORE, false),
        Gate.OPEN);
  }

  /** A pod that does not run yet or any more disturbs nobody by going. */
  private static boolean isFree(PodView pod) {
    return pod.isFinished() || pod.phase().equals("Pending") || pod.meta().isTerminating();
  }

  /** An unready pod that its budget lets go: it serves nobody, and enough others do. */
  static boolean isUncounted(PodView pod, PodDisruptionBudgetView budget) {
    if (pod.isReady()) {
      return false;
    }
    Obj status = budget.status();
    long desired = status.number("desiredHealthy", 0);
    return budget.spec().string("unhealthyPodEvictionPolicy").equals("AlwaysAllow")
        || desired > 0 && status.number("currentHealthy", 0) >= desired;
  }

  /** The budget with one disruption fewer, this pod's. Pure. */
  static Obj taken(PodDisruptionBudgetView budget, String pod, Instant now) {
    String name = budget.meta().name();
    Obj status = budget.status();
    if (status.number("observedGeneration", 0) < budget.meta().generation()) {
      throw StatusException.disrupted(
          REFUSED,
          "The disruption budget " + name + " is still being processed by the server.",
          PROCESSING_SECONDS);
    }
    int allowed = budget.disruptionsAllowed();
    if (allowed < 0) {
      throw StatusException.forbidden(BUDGETS, name, "pdb disruptions allowed is negative");
    }
    if (budget.disruptedPods().size() > MAX_UNCONFIRMED) {
      throw StatusException.forbidden(
          BUDGETS,
          name,
          "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    }
    if (allowed == 0) {
      throw StatusException.disrupted(
          REFUSED,
          "The disruption budget %s needs %d healthy pods and has %d currently"
              .formatted(
                  name, status.number("desiredHealthy", 0), status.number("currentHealthy", 0)),
          0);
    }
    Obj left =
        status
            .with("disruptionsAllowed", allowed - 1L)
            .change("disruptedPods", pods -> pods.with(pod, Meta.Times.format(now)));
    if (allowed == 1) {
      Condition none =
          Condition.of("DisruptionAllowed", Condition.FALSE, "InsufficientPods", "", now);
      left = left.with("conditions", Condition.set(status.objs("conditions"), none));
    }
    return budget.tree().with("status", left);
  }
}
