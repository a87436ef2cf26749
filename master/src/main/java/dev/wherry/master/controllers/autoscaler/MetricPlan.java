package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.master.samples.UsageSamples;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
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

    /** It cannot be measured. */
    record Failed(String reason, String message) implements Outcome {}
  }

  Outcome evaluate(Obj metric, Proposal.Tolerance tolerance) {
    return switch (metric.string("type")) {
      case "Resource" -> resource(metric.obj("resource"), "", tolerance);
      case "ContainerResource" -> {
        Obj source = metric.obj("containerResource");
        yield resource(source, source.string("container"), tolerance);
      }
      case "Object" -> object(metric.obj("object"), tolerance);
      case "Pods" ->
          new Outcome.Failed(
              "FailedGetPodsMetric",
              "failed to get pods metric value: unable to get metric "
                  + metric.at("pods", "metric").string("name")
                  + ": no custom metrics API is registered");
      case "External" ->
          new Outcome.Failed(
              "FailedGetExternalMetric",
              "failed to get external metric value: unable to get external metric "
                  + metric.at("external", "metric").string("name")
                  + ": no external metrics API is registered");
      default ->
          new Outcome.Failed(
              "InvalidMetricSourceType",
              "unknown metric source type \"" + metric.string("type") + "\"");
    };
  }

  /** An empty container: all of the pod's. */
  private Outcome resource(Obj source, String container, Proposal.Tolerance tolerance) {
    String name = source.string("name");
    Obj target = source.obj("target");
    boolean utilization = target.has("averageUtilization");
    String reason =
        container.isEmpty() ? "FailedGetResourceMetric" : "FailedGetContainerResourceMetric";
    List<PodReading> readings = new ArrayList<>();
    for (PodView pod : pods) {
      Optional<Long> request = request(pod, name, container);
      if (utilization && request.isEmpty()) {
        return new Outcome.Failed(
            reason,
            "failed to get "
                + name
                + " utilization: missing request for "
                + name
                + " in container "
                + mute(pod, name, container)
                + " of Pod "
                + pod.key().name());
      }
      readings.add(
          PodReading.of(
              pod, sample(pod, name, container), request.orElse(0L), name.equals("cpu"), now));
    }
    if (readings.stream().noneMatch(each -> each.state() == PodReading.State.COUNTED)) {
      return new Outcome.Failed(
          reason,
          "failed to get "
              + name
              + (utilization ? " utilization" : " usage")
              + ": unable to get metrics for resource "
              + name
              + ": no metrics returned from resource metrics API");
    }
    String kind = container.isEmpty() ? " resource" : " container resource";
    Obj.Builder value = Obj.builder();
    Proposal proposal;
    if (utilization) {
      proposal =
          Proposal.ofUtilization(
              current, readings, target.number("averageUtilization", 80), tolerance);
      value.put("averageUtilization", proposal.utilization());
    } else {
      proposal =
          Proposal.ofAverage(current, readings, amount(target, "averageValue", name), tolerance);
    }
    value.put("averageValue", text(proposal.average(), name));
    Obj.Builder status = Obj.builder().put("name", name);
    status.putUnlessEmpty("container", container);
    status.put("current", value.build());
    return new Outcome.Measured(
        proposal.replicas(),
        container.isEmpty()
            ? Obj.of("type", "Resource", "resource", status.build())
            : Obj.of("type", "ContainerResource", "containerResource", status.build()),
        name + kind + (utilization ? " utilization (percentage of request)" : ""));
  }

  private Optional<PodReading.Sample> sample(PodView pod, String resource, String container) {
    return samples
        .apply(pod)
        .flatMap(
            sample -> {
              List<UsageReport.ContainerUsage> counted =
                  sample.usage().containers().stream()
                      .filter(each -> container.isEmpty() || each.name().equals(container))
                      .toList();
              long sum =
                  counted.stream()
                      .map(UsageReport.ContainerUsage::used)
                      .mapToLong(
                          used ->
                              resource.equals("cpu")
                                  ? Math.ceilDiv(used.cpuNanoCores(), 1_000_000)
                                  : used.memoryWorkingSetBytes())
                      .sum();
              return counted.isEmpty()
                  ? Optional.empty()
                  : Optional.of(new PodReading.Sample(sum, sample.at(), sample.window()));
            });
  }

  /** Of the pod as a whole where it asks so; empty where a container does not say. */
  private static Optional<Long> request(PodView pod, String resource, String container) {
    Optional<Quantity> whole =
        pod.spec().obj("resources").obj("requests").get(resource).map(Quantity::of);
    if (container.isEmpty() && whole.isPresent()) {
      return Optional.of(inUnits(whole.get(), resource));
    }
    long sum = 0;
    for (ContainerView each : asked(pod, container)) {
      Optional<Quantity> request = each.requests().get(resource);
      if (request.isEmpty()) {
        return Optional.empty();
      }
      sum += inUnits(request.get(), resource);
    }
    return Optional.of(sum);
  }

  /** The container of this name; all that run along where it is empty. */
  private static List<ContainerView> asked(PodView pod, String container) {
    List<ContainerView> all = new ArrayList<>(pod.containers());
    pod.initContainers().stream().filter(ContainerView::isSidecar).forEach(all::add);
    all.removeIf(each -> !container.isEmpty() && !each.name().equals(container));
    return all;
  }

  /** The first container that does not say what it asks for. */
  private static String mute(PodView pod, String resource, String container) {
    return asked(pod, container).stream()
        .filter(each -> each.requests().get(resource).isEmpty())
        .map(ContainerView::name)
        .findFirst()
        .orElse(container);
  }

  private static long inUnits(Quantity quantity, String resource) {
    return resource.equals(ResourceList.CPU) ? quantity.milliCeiling() : quantity.wholeCeiling();
  }

  private static long amount(Obj target, String key, String resource) {
    return Math.max(
        1, target.get(key).map(Quantity::of).map(each -> inUnits(each, resource)).orElse(1L));
  }

  private static String text(long amount, String resource) {
    return resource.equals(ResourceList.CPU) ? amount + "m" : Long.toString(amount);
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
              "failed to get object metric value: unable to get metric "
                  + metric
                  + ": "
                  + described.string("kind")
                  + " on "
                  + namespace
                  + " "
                  + described.string("name")
                  + ": "
                  + why);
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
