package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** What the spec of an autoscaler must be like. Pure. */
final class AutoscalerChecks {
  private static final long MAX_WINDOW_SECONDS = 3600;
  private static final long MAX_PERIOD_SECONDS = 1800;
  private static final List<String> SELECTIONS = List.of("Disabled", "Max", "Min");
  private static final List<String> POLICY_TYPES = List.of("Percent", "Pods");

  private AutoscalerChecks() {}

  static void check(Obj spec, Causes causes) {
    long min = spec.number("minReplicas", 0);
    long max = spec.number("maxReplicas", 0);
    if (min < 1) {
      causes.invalid("spec.minReplicas", min, "must be greater than or equal to 1");
    }
    if (max < 1) {
      causes.invalid("spec.maxReplicas", max, "must be greater than 0");
    }
    if (max < min) {
      causes.invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
    }
    target(spec.obj("scaleTargetRef"), causes);
    AutoscalerMetricChecks.check(spec.objs("metrics"), "spec.metrics", causes);
    for (String direction : List.of("scaleUp", "scaleDown")) {
      if (spec.obj("behavior").has(direction)) {
        rules(spec.at("behavior", direction), "spec.behavior." + direction, causes);
      }
    }
  }

  /** Of what has a scale, replication controllers alone have no API group. */
  private static void target(Obj target, Causes causes) {
    reference(target, "spec.scaleTargetRef", causes);
    String version = target.string("apiVersion");
    if (version.indexOf('/') <= 0 && !target.string("kind").equals("ReplicationController")) {
      causes.invalid(
          "spec.scaleTargetRef.apiVersion", version, "apiVersion must specify API group");
    }
  }

  static void reference(Obj reference, String path, Causes causes) {
    for (String key : List.of("kind", "name")) {
      Checks.name(NameRule.PATH_SEGMENT, reference.string(key), path + "." + key, causes);
    }
    String version = reference.string("apiVersion");
    if (version.indexOf('/') != version.lastIndexOf('/')) {
      causes.invalid(path + ".apiVersion", version, "unexpected GroupVersion string: " + version);
    }
  }

  private static void rules(Obj rules, String path, Causes causes) {
    window(rules, path + ".stabilizationWindowSeconds", causes);
    String selection = rules.string("selectPolicy");
    if (!SELECTIONS.contains(selection)) {
      causes.notSupported(path + ".selectPolicy", selection, SELECTIONS);
    }
    List<Obj> policies = rules.objs("policies");
    if (policies.isEmpty()) {
      causes.required(path + ".policies", "must specify at least one Policy");
    }
    for (int i = 0; i < policies.size(); i++) {
      policy(policies.get(i), path + ".policies[" + i + "]", causes);
    }
    rules
        .get("tolerance")
        .ifPresent(tolerance -> Checks.quantity(tolerance, path + ".tolerance", causes));
  }

  private static void window(Obj rules, String path, Causes causes) {
    long seconds = rules.number("stabilizationWindowSeconds", 0);
    if (seconds < 0) {
      causes.invalid(path, seconds, "must be greater than or equal to zero");
    } else if (seconds > MAX_WINDOW_SECONDS) {
      causes.invalid(path, seconds, "must be less than or equal to " + MAX_WINDOW_SECONDS);
    }
  }

  private static void policy(Obj policy, String path, Causes causes) {
    if (!POLICY_TYPES.contains(policy.string("type"))) {
      causes.notSupported(path + ".type", policy.string("type"), POLICY_TYPES);
    }
    for (String key : List.of("value", "periodSeconds")) {
      if (policy.number(key, 0) <= 0) {
        causes.invalid(path + "." + key, policy.number(key, 0), "must be greater than zero");
      }
    }
    long period = policy.number("periodSeconds", 0);
    if (period > MAX_PERIOD_SECONDS) {
      causes.invalid(
          path + ".periodSeconds", period, "must be less than or equal to " + MAX_PERIOD_SECONDS);
    }
  }
}
