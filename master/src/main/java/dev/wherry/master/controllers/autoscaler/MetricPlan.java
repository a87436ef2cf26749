package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.samples.UsageSamples;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What one metric of an autoscaler says, in Kubernetes' words. Pure.
 *
 * @param pods those that the scale target selects
 * @param samples the usage of each of them, where it is known
 * @param current replicas that the target is to have
 * @param selectorFault why the pods of the target cannot be told from others
 */
record MetricPlan(
    List<PodView> pods,
    Function<PodView, Optional<UsageSamples.PodSample>> samples,
    ObjectMetrics objects,
    String namespace,
    long current,
    Optional<SelectorFault> selectorFault,
    Instant now) {

  /**
   * What is wrong with the target's selector.
   *
   * @param event the reason of the event that tells of it
   * @param reason that of the condition
   */
  record SelectorFault(String event, String reason, String message, String eventMessage) {
    static final SelectorFault MISSING =
        new SelectorFault(
            "SelectorRequired",
            "InvalidSelector",
            "the HPA target's scale is missing a selector",
            "selector is required");

    /** Two autoscalers that pull at the same pods would never agree. */
    static SelectorFault ambiguous(String selector, List<ObjectKey> autoscalers) {
      String message =
          "pods by selector " + selector + " are controlled by multiple HPAs: " + autoscalers;
      return new SelectorFault("AmbiguousSelector", "AmbiguousSelector", message, message);
    }
  }

  /** What became of a metric. */
  sealed interface Outcome {
    /**
     * @param status the entry of {@code status.currentMetrics}
     * @param name as the reason of a rescale names it
     */
    record Measured(long replicas, Obj status, String name) implements Outcome {}

    /**
     * It cannot be measured.
     *
     * @param message of the condition and of the event that has the reason
     * @param metric what could not be had, as the event about all metrics names it
     */
    record Failed(String reason, String message, String metric) implements Outcome {
      String error() {
        return "failed to get " + metric + ": " + message;
      }
    }
  }

  Outcome evaluate(Obj metric, Proposal.Tolerance tolerance) {
    return switch (metric.string("type")) {
      case "Resource" -> {
        Obj source = metric.obj("resource");
        yield new ResourceMetric(this, source.string("name"), "").evaluate(source, tolerance);
      }
      case "ContainerResource" -> {
        Obj source = metric.obj("containerResource");
        yield new ResourceMetric(this, source.string("name"), source.string("container"))
            .evaluate(source, tolerance);
      }
      case "Object" -> object(metric.obj("object"), tolerance);
      case "Pods" -> pods(metric.at("pods", "metric").string("name"));
      case "External" -> external(metric.at("external", "metric"));
      default -> {
        String type = "unknown metric source type \"" + metric.string("type") + "\"";
        yield new Outcome.Failed("InvalidMetricSourceType", type, "metric value");
      }
    };
  }

  private static Outcome pods(String metric) {
    return new Outcome.Failed(
        "FailedGetPodsMetric",
        "unable to get metric "
            + metric
            + ": unable to fetch metrics from custom metrics API: no custom metrics API"
            + " (custom.metrics.k8s.io) registered",
        "pods metric value");
  }

  private Outcome external(Obj metric) {
    String name = metric.string("name");
    String selector = metric.get("selector").map(Object::toString).orElse("nil");
    return new Outcome.Failed(
        "FailedGetExternalMetric",
        "unable to get external metric %s/%s/%s: unable to fetch metrics from external metrics API:"
                .formatted(namespace, name, selector)
            + " the server could not find the requested resource (get "
            + name
            + ".external.metrics.k8s.io)",
        name + " external metric value");
  }

  private Outcome object(Obj source, Proposal.Tolerance tolerance) {
    Obj described = source.obj("describedObject");
    String metric = source.obj("metric").string("name");
    ObjectKey key = new ObjectKey(namespace, described.string("name"));
    return switch (objects.value(described.string("kind"), key, metric)) {
      case ObjectMetrics.Reading.Value(double value) -> object(source, value, tolerance);
      case ObjectMetrics.Reading.Unknown(String why) ->
          new Outcome.Failed(
              "FailedGetObjectMetric",
              "unable to get metric %s: %s on %s %s/%s"
                  .formatted(
                      metric, described.string("kind"), namespace, described.string("name"), why),
              "object metric value");
    };
  }

  private Outcome object(Obj source, double value, Proposal.Tolerance tolerance) {
    Obj described = source.obj("describedObject");
    String metric = source.obj("metric").string("name");
    Obj target = source.obj("target");
    boolean perPod = target.has("averageValue");
    double wanted =
        target
            .get(perPod ? "averageValue" : "value")
            .map(Quantity::of)
            .map(each -> each.value().doubleValue())
            .filter(each -> each > 0)
            .orElse(1.0);
    long ready = pods.stream().filter(PodView::isReady).count();
    Proposal proposal =
        perPod
            ? Proposal.ofValuePerPod(current, value, wanted, tolerance)
            : Proposal.ofValue(current, ready, value, wanted, tolerance);
    double shown = perPod ? value / Math.max(1, current) : value;
    Obj status =
        Obj.of(
            "metric",
            source.obj("metric"),
            "describedObject",
            described,
            "current",
            Obj.of(perPod ? "averageValue" : "value", milli(shown)));
    return new Outcome.Measured(
        proposal.replicas(),
        Obj.of("type", "Object", "object", status),
        described.string("kind") + " metric " + metric);
  }

  private static String milli(double value) {
    long millis =
        java.math.BigDecimal.valueOf(value)
            .movePointRight(3)
            .setScale(0, RoundingMode.HALF_UP)
            .longValue();
    return millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m";
  }
}
