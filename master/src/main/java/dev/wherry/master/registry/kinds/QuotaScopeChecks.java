package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The checks of a quota's scopes, in Kubernetes' words. Pure. */
final class QuotaScopeChecks {
  private static final Set<String> OF_PODS =
      Set.of(
          "pods",
          "cpu",
          "memory",
          "requests.cpu",
          "requests.memory",
          "limits.cpu",
          "limits.memory");

  /** What may be bounded within each scope, of the standard resources. */
  private static final Map<String, Set<String>> BOUNDED =
      Map.of(
          "BestEffort", Set.of("pods"),
          "CrossNamespacePodAffinity", OF_PODS,
          "NotBestEffort", OF_PODS,
          "NotTerminating", OF_PODS,
          "PriorityClass", OF_PODS,
          "Terminating", OF_PODS,
          "VolumeAttributesClass", Set.of("persistentvolumeclaims", "requests.storage"));

  /** Those that have values. */
  private static final Set<String> CLASSES = Set.of("PriorityClass", "VolumeAttributesClass");

  private QuotaScopeChecks() {}

  static void check(Obj spec, Predicate<String> isStandard, Causes causes) {
    List<String> scopes = spec.strings("scopes");
    for (String scope : scopes) {
      if (!BOUNDED.containsKey(scope)) {
        causes.invalid("spec.scopes", scopes, "unsupported scope");
      } else if (!applies(scope, spec, isStandard)) {
        causes.invalid("spec.scopes", scopes, "unsupported scope applied to resource");
      }
    }
    for (String scope : List.of("BestEffort", "Terminating")) {
      if (scopes.contains(scope) && scopes.contains("Not" + scope)) {
        causes.invalid("spec.scopes", scopes, "conflicting scopes");
      }
    }
    String path = "spec.scopeSelector.matchExpressions";
    for (Obj expression : spec.obj("scopeSelector").objs("matchExpressions")) {
      String scope = expression.string("scopeName");
      if (!BOUNDED.containsKey(scope)) {
        causes.invalid(path + ".scopeName", scope, "unsupported scope");
      } else if (!applies(scope, spec, isStandard)) {
        causes.invalid(path, spec.obj("scopeSelector"), "unsupported scope applied to resource");
      }
      expression(expression, path, causes);
    }
  }

  private static boolean applies(String scope, Obj spec, Predicate<String> isStandard) {
    Set<String> bounded = BOUNDED.getOrDefault(scope, Set.of());
    for (Obj.Entry hard : spec.obj("hard")) {
      boolean isCount = hard.key().startsWith("count/");
      if (!isCount && isStandard.test(hard.key()) && !bounded.contains(hard.key())) {
        return false;
      }
    }
    return true;
  }

  private static void expression(Obj expression, String path, Causes causes) {
    String scope = expression.string("scopeName");
    String operator = expression.string("operator");
    boolean isFlag = BOUNDED.containsKey(scope) && !CLASSES.contains(scope);
    if (isFlag && !operator.equals("Exists")) {
      causes.invalid(
          path + ".operator",
          operator,
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating,"
              + " ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort,"
              + " ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
    }
    switch (operator) {
      case "In", "NotIn" -> {
        if (expression.list("values").isEmpty()) {
          causes.required(
              path + ".values",
              "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (!expression.list("values").isEmpty()) {
          causes.invalid(
              path + ".values",
              expression.list("values"),
              "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector");
        }
      }
      default -> causes.invalid(path + ".operator", operator, "not a valid selector operator");
    }
  }
}
