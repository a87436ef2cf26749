package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** What the metrics of an autoscaler must be like: each of one source, that of its type. Pure. */
final class AutoscalerMetricChecks {
  private static final List<String> TYPES =
      List.of("ContainerResource", "External", "Object", "Pods", "Resource");
  private static final List<String> SOURCES =
      List.of("object", "external", "pods", "resource", "containerResource");
  private static final List<String> TARGETS = List.of("Utilization", "Value", "AverageValue");

  private AutoscalerMetricChecks() {}

  static void check(List<Obj> metrics, String path, Causes causes) {
    for (int i = 0; i < metrics.size(); i++) {
      metric(metrics.get(i), path + "[" + i + "]", causes);
    }
  }

  /** Of several sources the first is looked at, and those not of the type are forbidden. */
  private static void metric(Obj metric, String path, Causes causes) {
    String type = metric.string("type");
    if (type.isEmpty()) {
      causes.required(path + ".type", "must specify a metric source type");
    }
    if (!TYPES.contains(type)) {
      causes.notSupported(path + ".type", type, TYPES);
    }
    List<String> given = SOURCES.stream().filter(metric::has).toList();
    if (!given.isEmpty()) {
      String first = given.getFirst();
      source(first, metric.obj(first), path + "." + first, causes);
    }
    String expected = HorizontalPodAutoscalerKind.member(type);
    if (TYPES.contains(type) && !given.contains(expected)) {
      causes.required(
          path + "." + expected, "must populate information for the given metric source");
    }
    for (String other : given) {
      if (given.size() > 1 && !other.equals(expected)) {
        causes.forbidden(path + "." + other, "must populate the given metric source only");
      }
    }
  }

  private static void source(String member, Obj source, String path, Causes causes) {
    switch (member) {
      case "resource" -> resource(source, path, causes);
      case "containerResource" -> {
        container(source.string("container"), path + ".container", causes);
        resource(source, path, causes);
      }
      case "object" -> object(source, path, causes);
      case "pods" -> pods(source, path, causes);
      default -> external(source, path, causes);
    }
  }

  private static void object(Obj source, String path, Causes causes) {
    AutoscalerChecks.reference(source.obj("describedObject"), path + ".describedObject", causes);
    identified(source, path, causes);
    Obj target = target(source, path, causes);
    if (!target.has("value") && !target.has("averageValue")) {
      causes.required(
          path + ".target.averageValue", "must set either a target value or averageValue");
    }
  }

  private static void pods(Obj source, String path, Causes causes) {
    identified(source, path, causes);
    if (!target(source, path, causes).has("averageValue")) {
      causes.required(path + ".target.averageValue", "must specify a positive target averageValue");
    }
  }

  private static void external(Obj source, String path, Causes causes) {
    identified(source, path, causes);
    Obj target = target(source, path, causes);
    boolean value = target.has("value");
    boolean average = target.has("averageValue");
    if (!value && !average) {
      causes.required(
          path + ".target.averageValue",
          "must set either a target value for metric or a per-pod target");
    } else if (value && average) {
      causes.forbidden(
          path + ".target.value",
          "may not set both a target value for metric and a per-pod target");
    }
  }

  private static void resource(Obj source, String path, Causes causes) {
    if (source.string("name").isEmpty()) {
      causes.required(path + ".name", "must specify a resource name");
    }
    Obj target = target(source, path, causes);
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

  private static void container(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "must specify a container");
    } else {
      Checks.name(NameRule.DNS_LABEL, name, path, causes);
    }
  }

  private static void identified(Obj source, String path, Causes causes) {
    String name = source.obj("metric").string("name");
    if (name.isEmpty()) {
      causes.required(path + ".metric.name", "must specify a metric name");
    } else {
      Checks.name(NameRule.PATH_SEGMENT, name, path + ".metric.name", causes);
    }
    Labels.checkSelector(source.at("metric", "selector"), path + ".metric.selector", causes);
  }

  /** Checks the source's target, which it gives back. */
  private static Obj target(Obj source, String path, Causes causes) {
    Obj target = source.obj("target");
    String at = path + ".target";
    String type = target.string("type");
    if (type.isEmpty()) {
      causes.required(at + ".type", "must specify a metric target type");
    }
    if (!TARGETS.contains(type)) {
      causes.invalid(at + ".type", type, "must be either Utilization, Value, or AverageValue");
    }
    for (String key : List.of("value", "averageValue")) {
      target.get(key).ifPresent(amount -> positive(amount, at + "." + key, causes));
    }
    long utilization = target.number("averageUtilization", 1);
    if (utilization < 1) {
      causes.invalid(at + ".averageUtilization", utilization, "must be greater than 0");
    }
    return target;
  }

  private static void positive(Object amount, String path, Causes causes) {
    boolean isPositive =
        Checks.quantity(amount, path, new Causes())
            .filter(quantity -> quantity.value().signum() > 0)
            .isPresent();
    if (!isPositive) {
      causes.invalid(path, amount, "must be positive");
    }
  }
}
