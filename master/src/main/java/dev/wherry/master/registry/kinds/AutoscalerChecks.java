package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.List;

/** What the spec of an autoscaler must be like. Pure. */
final class AutoscalerChecks {
  private static final List<String> TYPES =
      List.of("ContainerResource", "External", "Object", "Pods", "Resource");
  private static final String NO_SOURCE = "must populate information for the given metric source";
  private static final long MAX_WINDOW_SECONDS = 3600;
  private static final long MAX_PERIOD_SECONDS = 1800;

  private AutoscalerChecks() {}

  static void check(Obj spec, Causes causes) {
    long min = spec.number("minReplicas", 0);
    long max = spec.number("maxReplicas", 0);
    if (min < 1) {
      causes.invalid("spec.minReplicas", min, "must be greater than or equal to 1");
    }
    if (max < 1) {
      causes.invalid("spec.maxReplicas", max, "must be greater than 0");
    } else if (max < min) {
      causes.invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
    }
    Checks.required(spec.obj("scaleTargetRef"), "spec.scaleTargetRef", causes, "kind", "name");
    List<Obj> metrics = spec.objs("metrics");
    for (int i = 0; i < metrics.size(); i++) {
      metric(metrics.get(i), "spec.metrics[" + i + "]", causes);
    }
    for (String direction : List.of("scaleUp", "scaleDown")) {
      if (spec.obj("behavior").has(direction)) {
        rules(spec.at("behavior", direction), "spec.behavior." + direction, causes);
      }
    }
  }

  private static void metric(Obj metric, String path, Causes causes) {
    String type = metric.string("type");
    if (type.isEmpty()) {
      causes.required(path + ".type", "must specify a metric source type");
      return;
    }
    if (!TYPES.contains(type)) {
      causes.notSupported(path + ".type", type, TYPES);
      return;
    }
    String member = HorizontalPodAutoscalerKind.member(type);
    if (!metric.has(member)) {
      causes.required(path + "." + member, NO_SOURCE);
      return;
    }
    if (metric.size() > 2) {
      causes.forbidden(path, "must populate the given metric source only");
    }
    Obj source = metric.obj(member);
    String at = path + "." + member;
    switch (type) {
      case "Resource" -> resource(source, at, causes);
      case "ContainerResource" -> {
        if (source.string("container").isEmpty()) {
          causes.required(at + ".container", "must specify a container");
        }
        resource(source, at, causes);
      }
      case "Object" -> {
        Checks.required(
            source.obj("describedObject"), at + ".describedObject", causes, "kind", "name");
        named(source, at, causes);
        raw(source, at, "must set either a target value or averageValue", causes);
      }
      case "Pods" -> {
        named(source, at, causes);
        if (!source.obj("target").has("averageValue")) {
          causes.required(
              at + ".target.averageValue", "must specify a positive target averageValue");
        }
      }
      default -> {
        named(source, at, causes);
        raw(source, at, "must set either a target value for metric or a per-pod target", causes);
      }
    }
    target(source.obj("target"), at + ".target", causes);
  }

  private static void named(Obj source, String path, Causes causes) {
    Checks.required(source.obj("metric"), path + ".metric", causes, "name");
    Labels.checkSelector(source.at("metric", "selector"), path + ".metric.selector", causes);
  }

  private static void raw(Obj source, String path, String none, Causes causes) {
    Obj target = source.obj("target");
    if (!target.has("value") && !target.has("averageValue")) {
      causes.required(path + ".target.averageValue", none);
    }
  }

  private static void resource(Obj source, String path, Causes causes) {
    if (source.string("name").isEmpty()) {
      causes.required(path + ".name", "must specify a resource name");
    }
    Obj target = source.obj("target");
    boolean utilization = target.has("averageUtilization");
    boolean value = target.has("averageValue");
    if (!utilization && !value) {
      causes.required(
          path + ".target.averageUtilization",
          "must set either a target raw value or a target utilization");
    } else if (utilization && value) {
      causes.forbidden(
          path + ".target.averageValue",
          "may not set both a target raw value and a target utilization");
    }
  }

  private static void target(Obj target, String path, Causes causes) {
    String type = target.string("type");
    if (type.isEmpty()) {
      causes.required(path + ".type", "must specify a metric target type");
    } else if (!List.of("Utilization", "Value", "AverageValue").contains(type)) {
      causes.invalid(path + ".type", type, "must be either Utilization, Value, or AverageValue");
    }
    if (target.has("averageUtilization") && target.number("averageUtilization", 0) < 1) {
      causes.invalid(
          path + ".averageUtilization",
          target.number("averageUtilization", 0),
          "must be greater than 0");
    }
    for (String key : List.of("value", "averageValue")) {
      target
          .get(key)
          .filter(
              amount ->
                  Checks.quantity(amount, path + "." + key, new Causes())
                      .filter(quantity -> quantity.value().signum() > 0)
                      .isEmpty())
          .ifPresent(amount -> causes.invalid(path + "." + key, amount, "must be positive"));
    }
  }

  private static void rules(Obj rules, String path, Causes causes) {
    long window = rules.number("stabilizationWindowSeconds", 0);
    if (window < 0) {
      causes.invalid(
          path + ".stabilizationWindowSeconds", window, "must be greater than or equal to zero");
    } else if (window > MAX_WINDOW_SECONDS) {
      causes.invalid(
          path + ".stabilizationWindowSeconds",
          window,
          "must be less than or equal to " + MAX_WINDOW_SECONDS);
    }
    Checks.oneOf(rules, "selectPolicy", path, List.of("Disabled", "Max", "Min"), causes);
    List<Obj> policies = rules.objs("policies");
    if (policies.isEmpty()) {
      causes.required(path + ".policies", "must specify at least one Policy");
    }
    for (int i = 0; i < policies.size(); i++) {
      Obj policy = policies.get(i);
      String at = path + ".policies[" + i + "]";
      Checks.oneOf(policy, "type", at, List.of("Percent", "Pods"), causes);
      for (String key : List.of("value", "periodSeconds")) {
        if (policy.number(key, 0) <= 0) {
          causes.invalid(at + "." + key, policy.number(key, 0), "must be greater than zero");
        }
      }
      if (policy.number("periodSeconds", 0) > MAX_PERIOD_SECONDS) {
        causes.invalid(
            at + ".periodSeconds",
            policy.number("periodSeconds", 0),
            "must be less than or equal to " + MAX_PERIOD_SECONDS);
      }
    }
  }
}
