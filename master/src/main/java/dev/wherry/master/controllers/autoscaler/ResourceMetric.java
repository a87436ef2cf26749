package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.master.samples.UsageReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What pods, or one container of each, use of a resource (autoscaling/v2: ResourceMetricSource,
 * ContainerResourceMetricSource). Pure.
 *
 * @param name of the resource: cpu in thousandths of a core, memory in bytes
 * @param container empty: all of the pod's
 */
record ResourceMetric(MetricPlan plan, String name, String container) {

  MetricPlan.Outcome evaluate(Obj source, Proposal.Tolerance tolerance) {
    Obj target = source.obj("target");
    boolean utilization = target.has("averageUtilization");
    List<PodReading> readings = new ArrayList<>();
    for (PodView pod : plan.pods()) {
      Optional<Long> request = request(pod);
      if (utilization && request.isEmpty()) {
        return failed(
            " utilization: missing request for %s in container %s of Pod %s"
                .formatted(name, mute(pod), pod.key().name()));
      }
      readings.add(
          PodReading.of(
              pod, sample(pod), request.orElse(0L), name.equals(ResourceList.CPU), plan.now()));
    }
    if (readings.stream().noneMatch(each -> each.state() == PodReading.State.COUNTED)) {
      return failed((utilization ? " utilization: " : " usage: ") + silence());
    }
    return measured(target, readings, tolerance);
  }

  private MetricPlan.Outcome failed(String what) {
    return container.isEmpty()
        ? new MetricPlan.Outcome.Failed(
            "FailedGetResourceMetric",
            "failed to get " + name + what,
            name + " resource metric value")
        : new MetricPlan.Outcome.Failed(
            "FailedGetContainerResourceMetric",
            "failed to get " + name + what,
            name + " container metric value");
  }

  /** Why no pod counts: nothing was measured, or only of pods that do not count yet. */
  private String silence() {
    return plan.pods().stream().anyMatch(pod -> sample(pod).isPresent())
        ? "did not receive metrics for targeted pods (pods might be unready)"
        : "unable to get metrics for resource "
            + name
            + ": no metrics returned from resource metrics API";
  }

  private MetricPlan.Outcome measured(
      Obj target, List<PodReading> readings, Proposal.Tolerance tolerance) {
    boolean utilization = target.has("averageUtilization");
    Proposal proposal =
        utilization
            ? Proposal.ofUtilization(
                plan.current(), readings, target.number("averageUtilization", 80), tolerance)
            : Proposal.ofAverage(plan.current(), readings, amount(target), tolerance);
    Obj.Builder value = Obj.builder();
    if (utilization) {
      value.put("averageUtilization", proposal.utilization());
    }
    value.put("averageValue", text(proposal.average()));
    Obj.Builder status = Obj.builder().put("name", name);
    status.putUnlessEmpty("container", container);
    status.put("current", value.build());
    boolean whole = container.isEmpty();
    return new MetricPlan.Outcome.Measured(
        proposal.replicas(),
        Obj.of(
            "type",
            whole ? "Resource" : "ContainerResource",
            whole ? "resource" : "containerResource",
            status.build()),
        name
            + (whole ? " resource" : " container resource")
            + (utilization ? " utilization (percentage of request)" : ""));
  }

  private Optional<PodReading.Sample> sample(PodView pod) {
    return plan.samples()
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
                      .mapToLong(this::amount)
                      .sum();
              return counted.isEmpty()
                  ? Optional.empty()
                  : Optional.of(new PodReading.Sample(sum, sample.at(), sample.window()));
            });
  }

  private long amount(UsageReport.Consumption used) {
    return name.equals(ResourceList.CPU)
        ? Math.ceilDiv(used.cpuNanoCores(), 1_000_000)
        : used.memoryWorkingSetBytes();
  }

  /** Of the pod as a whole where it asks so; empty where a container does not say. */
  private Optional<Long> request(PodView pod) {
    Optional<Quantity> whole =
        pod.spec().obj("resources").obj("requests").get(name).map(Quantity::of);
    if (container.isEmpty() && whole.isPresent()) {
      return Optional.of(inUnits(whole.get()));
    }
    long sum = 0;
    for (ContainerView each : asked(pod)) {
      Optional<Quantity> request = each.requests().get(name);
      if (request.isEmpty()) {
        return Optional.empty();
      }
      sum += inUnits(request.get());
    }
    return Optional.of(sum);
  }

  /** The container of this name; all that run along where it is empty. */
  private List<ContainerView> asked(PodView pod) {
    List<ContainerView> all = new ArrayList<>(pod.containers());
    pod.initContainers().stream().filter(ContainerView::isSidecar).forEach(all::add);
    all.removeIf(each -> !container.isEmpty() && !each.name().equals(container));
    return all;
  }

  /** The first container that does not say what it asks for. */
  private String mute(PodView pod) {
    return asked(pod).stream()
        .filter(each -> each.requests().get(name).isEmpty())
        .map(ContainerView::name)
        .findFirst()
        .orElse(container);
  }

  private long inUnits(Quantity quantity) {
    return name.equals(ResourceList.CPU) ? quantity.milliCeiling() : quantity.wholeCeiling();
  }

  private long amount(Obj target) {
    return Math.max(1, target.get("averageValue").map(Quantity::of).map(this::inUnits).orElse(1L));
  }

  private String text(long amount) {
    return name.equals(ResourceList.CPU) ? amount + "m" : Long.toString(amount);
  }
}
