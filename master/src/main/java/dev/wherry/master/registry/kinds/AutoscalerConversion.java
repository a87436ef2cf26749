package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Conversion;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Autoscalers of {@code autoscaling/v1}, which know the utilization of CPU alone: what else a
 * stored one says (other metrics, behavior) stays when they are written.
 */
final class AutoscalerConversion {
  private static final String CPU_TARGET = "targetCPUUtilizationPercentage";
  private static final String CPU_NOW = "currentCPUUtilizationPercentage";

  static final Conversion V1 =
      new Conversion(
          definition(),
          HorizontalPodAutoscalerKind.DEFINITION.resource(),
          AutoscalerConversion::served,
          AutoscalerConversion::stored,
          UnaryOperator.identity());

  private AutoscalerConversion() {}

  private static ResourceDefinition definition() {
    ResourceDefinition.Builder builder =
        ResourceDefinition.of(
                "autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
            .shortNames("hpa")
            .categories("all")
            .withStatus()
            .columns();
    for (Column column : HorizontalPodAutoscalerKind.DEFINITION.columns()) {
      builder.moreColumns(
          List.of(
              column.withCell(
                  (scaler, now) -> column.cell().value(stored(scaler, Obj.EMPTY), now))));
    }
    return builder.build();
  }

  private static boolean isCpuUtilization(Obj metric) {
    Obj resource = metric.obj("resource");
    return metric.string("type").equals("Resource")
        && resource.string("name").equals("cpu")
        && (resource.obj("target").string("type").equals("Utilization")
            || resource.obj("current").has("averageUtilization"));
  }

  private static Optional<Obj> cpu(List<Obj> metrics) {
    return metrics.stream().filter(AutoscalerConversion::isCpuUtilization).findFirst();
  }

  private static Obj served(Obj scaler) {
    Obj of = scaler.obj("spec");
    Obj spec =
        cpu(of.objs("metrics"))
            .map(
                metric ->
                    of.with(
                        CPU_TARGET,
                        metric.at("resource", "target").number("averageUtilization", 0)))
            .orElse(of)
            .without("metrics")
            .without("behavior");
    Obj now = scaler.obj("status");
    Obj status =
        cpu(now.objs("currentMetrics"))
            .map(
                metric ->
                    now.with(
                        CPU_NOW, metric.at("resource", "current").number("averageUtilization", 0)))
            .orElse(now)
            .without("currentMetrics")
            .without("conditions");
    return scaler.with("apiVersion", "autoscaling/v1").with("spec", spec).with("status", status);
  }

  private static Obj stored(Obj scaler, Obj existing) {
    Obj given = scaler.obj("spec");
    List<Object> metrics = new ArrayList<>();
    for (Obj metric : existing.obj("spec").objs("metrics")) {
      if (!isCpuUtilization(metric)) {
        metrics.add(metric);
      }
    }
    if (given.has(CPU_TARGET)) {
      Obj target = Obj.of("type", "Utilization", "averageUtilization", given.number(CPU_TARGET, 0));
      metrics.add(Obj.of("type", "Resource", "resource", Obj.of("name", "cpu", "target", target)));
    }
    Obj spec = given.without(CPU_TARGET);
    spec = metrics.isEmpty() ? spec : spec.with("metrics", metrics);
    spec = Defaults.copied(spec, existing.obj("spec"), "behavior");
    Obj made = scaler.with("apiVersion", "autoscaling/v2").with("spec", spec);
    return made.has("status") ? made.with("status", status(made, existing)) : made;
  }

  private static Obj status(Obj scaler, Obj existing) {
    Obj given = scaler.obj("status");
    List<Object> metrics = new ArrayList<>();
    for (Obj metric : existing.obj("status").objs("currentMetrics")) {
      if (!isCpuUtilization(metric) || !given.has(CPU_NOW)) {
        metrics.add(metric);
      }
    }
    if (given.has(CPU_NOW)) {
      Obj current = Obj.of("averageUtilization", given.number(CPU_NOW, 0));
      metrics.add(
          Obj.of("type", "Resource", "resource", Obj.of("name", "cpu", "current", current)));
    }
    Obj status = given.without(CPU_NOW);
    status = metrics.isEmpty() ? status : status.with("currentMetrics", metrics);
    return Defaults.copied(status, existing.obj("status"), "conditions");
  }
}
