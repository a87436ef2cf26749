package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.List;

/** Horizontal pod autoscalers, in the version with several metrics. */
final class HorizontalPodAutoscalerKind implements SpecAndStatus {
  private static final String UNKNOWN = "<unknown>";
  private static final long DEFAULT_UTILIZATION = 80;
  private static final int SHOWN = 2;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of(
              "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
          .shortNames("hpa")
          .categories("all")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Reference", (scaler, _) -> reference(scaler)),
              Column.text("Targets", (scaler, _) -> targets(scaler)),
              Column.text(
                  "MinPods",
                  (scaler, _) ->
                      scaler.obj("spec").get("minReplicas").map(String::valueOf).orElse("<unset>")),
              Column.number("MaxPods", (scaler, _) -> scaler.obj("spec").number("maxReplicas", 0)),
              Column.number(
                  "Replicas", (scaler, _) -> scaler.obj("status").number("currentReplicas", 0)),
              Column.AGE)
          .strategy(new HorizontalPodAutoscalerKind())
          .build();

  private HorizontalPodAutoscalerKind() {}

  private static String reference(Obj scaler) {
    Obj target = scaler.at("spec", "scaleTargetRef");
    return target.string("kind") + "/" + target.string("name");
  }

  private static String targets(Obj scaler) {
    List<Obj> metrics = scaler.obj("spec").objs("metrics");
    if (metrics.isEmpty()) {
      return "<none>";
    }
    List<Obj> current = scaler.obj("status").objs("currentMetrics");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Math.min(SHOWN, metrics.size()); i++) {
      texts.add(target(metrics.get(i), i < current.size() ? current.get(i) : Obj.EMPTY));
    }
    String text = String.join(", ", texts);
    int more = metrics.size() - texts.size();
    return more == 0 ? text : text + " + " + more + " more...";
  }

  /** {@code cpu: 12%/80%}, as the metric's source has it. */
  private static String target(Obj metric, Obj current) {
    String member = member(metric.string("type"));
    Obj source = metric.obj(member);
    Obj now = current.obj(member).obj("current");
    Obj target = source.obj("target");
    String label = source.has("name") ? source.string("name") + ": " : "";
    return switch (target.string("type")) {
      case "Utilization" ->
          label
              + now.get("averageUtilization").map(value -> value + "%").orElse(UNKNOWN)
              + "/"
              + target.number("averageUtilization", 0)
              + "%";
      case "AverageValue" ->
          label + value(now, "averageValue") + "/" + target.string("averageValue") + " (avg)";
      default -> label + value(now, "value") + "/" + target.string("value");
    };
  }

  private static String value(Obj now, String key) {
    return now.get(key).map(String::valueOf).orElse(UNKNOWN);
  }

  /** The member of a metric that its type names. */
  static String member(String type) {
    return type.isEmpty() ? "" : Character.toLowerCase(type.charAt(0)) + type.substring(1);
  }

  @Override
  public Obj defaults(Obj scaler) {
    return scaler.change("spec", HorizontalPodAutoscalerKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = put(given, "minReplicas", 1L);
    if (spec.list("metrics").isEmpty()) {
      Obj target = Obj.of("type", "Utilization", "averageUtilization", DEFAULT_UTILIZATION);
      Obj cpu = Obj.of("name", "cpu", "target", target);
      spec = spec.with("metrics", List.of(Obj.of("type", "Resource", "resource", cpu)));
    }
    return Defaults.changed(
        spec,
        "behavior",
        behavior ->
            behavior
                .change("scaleUp", HorizontalPodAutoscalerKind::scaleUp)
                .change("scaleDown", HorizontalPodAutoscalerKind::scaleDown));
  }

  private static Obj scaleUp(Obj given) {
    Obj rules = put(putText(given, "selectPolicy", "Max"), "stabilizationWindowSeconds", 0L);
    return put(rules, "policies", List.of(policy("Pods", 4), policy("Percent", 100)));
  }

  private static Obj scaleDown(Obj given) {
    return put(putText(given, "selectPolicy", "Max"), "policies", List.of(policy("Percent", 100)));
  }

  private static Obj policy(String type, long value) {
    return Obj.of("type", type, "value", value, "periodSeconds", 15L);
  }

  @Override
  public Obj beforeCreate(Obj scaler) {
    return scaler.with("status", Obj.of("desiredReplicas", 0L, "currentReplicas", 0L));
  }

  @Override
  public void check(Obj scaler, Causes causes) {
    AutoscalerChecks.check(scaler.obj("spec"), causes);
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.autoscaler(updated, causes);
  }
}
