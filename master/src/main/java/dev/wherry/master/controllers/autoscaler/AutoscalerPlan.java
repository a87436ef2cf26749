package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.HorizontalPodAutoscalerView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an autoscaler does and says (Kubernetes: Horizontal Pod Autoscaling). Pure.
 *
 * @param replicas that the target is to have; empty: left alone
 * @param reason of the change, for its event
 * @param status as it should be, but for {@code lastScaleTime}
 * @param history as it is afterwards
 * @param warnings reason and message of events about metrics that cannot be measured
 */
record AutoscalerPlan(
    Optional<Long> replicas,
    String reason,
    Obj status,
    ScaleHistory history,
    List<ScaleLimits.Note> warnings) {

  static final String ABLE = "AbleToScale";
  static final String ACTIVE = "ScalingActive";
  static final String LIMITED = "ScalingLimited";

  /**
   * @param current replicas that the target is to have
   * @param running replicas that it has
   */
  static AutoscalerPlan plan(
      HorizontalPodAutoscalerView autoscaler,
      long current,
      long running,
      MetricPlan metrics,
      ScaleHistory history,
      Instant now) {
    Draft draft = new Draft(autoscaler, now);
    draft.set(
        ABLE,
        Condition.TRUE,
        "SucceededGetScale",
        "the HPA controller was able to get the target's current scale");
    ScaleHistory known =
        history.recommendations().isEmpty() ? history.recommended(now, current) : history;
    if (current == 0 && autoscaler.minReplicas() != 0) {
      draft.set(
          ACTIVE,
          Condition.FALSE,
          "ScalingDisabled",
          "scaling is disabled since the replica count of the target is zero");
      return draft.done(Optional.empty(), "", running, 0, List.of(), known);
    }
    if (current > autoscaler.maxReplicas()) {
      return draft.done(
          Optional.of(autoscaler.maxReplicas()),
          "Current number of replicas above Spec.MaxReplicas",
          running,
          autoscaler.maxReplicas(),
          List.of(),
          known);
    }
    if (current < autoscaler.minReplicas()) {
      return draft.done(
          Optional.of(autoscaler.minReplicas()),
          "Current number of replicas below Spec.MinReplicas",
          running,
          autoscaler.minReplicas(),
          List.of(),
          known);
    }
    return measured(autoscaler, current, running, metrics, known, draft, now);
  }

  private static AutoscalerPlan measured(
      HorizontalPodAutoscalerView autoscaler,
      long current,
      long running,
      MetricPlan metrics,
      ScaleHistory history,
      Draft draft,
      Instant now) {
    List<Obj> statuses = new ArrayList<>();
    if (metrics.selectorFault().isPresent()) {
      MetricPlan.SelectorFault fault = metrics.selectorFault().get();
      draft.set(ACTIVE, Condition.FALSE, fault.reason(), fault.message());
      draft.warnings.add(new ScaleLimits.Note(fault.event(), fault.eventMessage()));
      return draft.done(Optional.empty(), "", running, current, statuses, history);
    }
    Optional<MetricPlan.Outcome.Measured> most = Optional.empty();
    List<MetricPlan.Outcome.Failed> failures = new ArrayList<>();
    for (Obj metric : autoscaler.metrics()) {
      switch (metrics.evaluate(metric, tolerance(autoscaler))) {
        case MetricPlan.Outcome.Measured measured -> {
          statuses.add(measured.status());
          most =
              most.filter(each -> each.replicas() >= measured.replicas())
                  .or(() -> Optional.of(measured));
        }
        case MetricPlan.Outcome.Failed failed -> {
          failures.add(failed);
          draft.warnings.add(new ScaleLimits.Note(failed.reason(), failed.message()));
        }
      }
    }
    // A metric that is not known might ask for more: nothing goes on the word of the others.
    boolean unsure = !failures.isEmpty() && (most.isEmpty() || most.get().replicas() < current);
    if (unsure) {
      MetricPlan.Outcome.Failed first = failures.getFirst();
      draft.set(
          ACTIVE,
          Condition.FALSE,
          first.reason(),
          "the HPA was unable to compute the replica count: " + first.message());
      draft.warnings.add(
          new ScaleLimits.Note(
              "FailedComputeMetricsReplicas",
              "invalid metrics ("
                  + failures.size()
                  + " invalid out of "
                  + autoscaler.metrics().size()
                  + "), first error is: "
                  + first.error()));
      return draft.done(Optional.empty(), "", running, current, statuses, history);
    }
    MetricPlan.Outcome.Measured deciding = most.orElseThrow();
    draft.set(
        ACTIVE,
        Condition.TRUE,
        "ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from " + deciding.name());
    ScaleHistory known = history.recommended(now, deciding.replicas());
    ScaleLimits limits = ScaleLimits.of(autoscaler, current, deciding.replicas(), known, now);
    ScaleLimits.Note able =
        limits.stabilized().reason().isEmpty()
            ? new ScaleLimits.Note("ReadyForNewScale", "recommended size matches current size")
            : limits.stabilized();
    draft.set(ABLE, Condition.TRUE, able.reason(), able.message());
    boolean within = limits.limited().reason().equals("DesiredWithinRange");
    draft.set(
        LIMITED,
        within ? Condition.FALSE : Condition.TRUE,
        limits.limited().reason(),
        limits.limited().message());
    if (limits.replicas() == current) {
      return draft.done(Optional.empty(), "", running, current, statuses, known);
    }
    String reason =
        limits.replicas() > current
            ? deciding.name() + " above target"
            : "All metrics below target";
    return draft.done(
        Optional.of(limits.replicas()), reason, running, limits.replicas(), statuses, known);
  }

  private static Proposal.Tolerance tolerance(HorizontalPodAutoscalerView autoscaler) {
    return new Proposal.Tolerance(
        tolerance(autoscaler.behavior("scaleUp"), Proposal.Tolerance.DEFAULT.up()),
        tolerance(autoscaler.behavior("scaleDown"), Proposal.Tolerance.DEFAULT.down()));
  }

  private static double tolerance(Obj rules, double fallback) {
    return rules
        .get("tolerance")
        .map(Quantity::of)
        .map(each -> each.value().doubleValue())
        .orElse(fallback);
  }

  /** The target cannot be read. */
  static Obj failedScale(HorizontalPodAutoscalerView autoscaler, String message, Instant now) {
    Draft draft = new Draft(autoscaler, now);
    draft.set(
        ABLE,
        Condition.FALSE,
        "FailedGetScale",
        "the HPA controller was unable to get the target's current scale: " + message);
    return autoscaler.status().with("conditions", draft.conditions);
  }

  /** The status once the target has been changed. */
  static Obj rescaled(
      HorizontalPodAutoscalerView autoscaler, Obj status, long replicas, Instant now) {
    Condition able =
        Condition.of(
            ABLE,
            Condition.TRUE,
            "SucceededRescale",
            "the HPA controller was able to update the target scale to " + replicas,
            now);
    return status
        .with("lastScaleTime", Meta.Times.format(now))
        .with("conditions", Condition.set(status.objs("conditions"), able));
  }

  /** Collects conditions. Confined to one plan. */
  private static final class Draft {
    private final HorizontalPodAutoscalerView autoscaler;
    private final Instant now;
    private final List<ScaleLimits.Note> warnings = new ArrayList<>();
    private List<Obj> conditions;

    Draft(HorizontalPodAutoscalerView autoscaler, Instant now) {
      this.autoscaler = autoscaler;
      this.now = now;
      this.conditions = autoscaler.status().objs("conditions");
    }

    void set(String type, String status, String reason, String message) {
      conditions = Condition.set(conditions, Condition.of(type, status, reason, message, now));
    }

    AutoscalerPlan done(
        Optional<Long> replicas,
        String reason,
        long running,
        long desired,
        List<Obj> metrics,
        ScaleHistory history) {
      Obj.Builder status = Obj.builder().put("observedGeneration", autoscaler.meta().generation());
      String last = autoscaler.status().string("lastScaleTime");
      status.putUnlessEmpty("lastScaleTime", last);
      status.put("currentReplicas", running).put("desiredReplicas", desired);
      status.putUnlessEmpty("currentMetrics", metrics);
      status.put("conditions", conditions);
      return new AutoscalerPlan(replicas, reason, status.build(), history, warnings);
    }
  }
}
