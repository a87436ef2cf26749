package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a pod's wishes about its place must be like: affinity and topology spread. Pure. */
final class AffinityChecks {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
  private static final List<String> UNSATISFIABLE = List.of("DoNotSchedule", "ScheduleAnyway");
  private static final String NOT_POSITIVE = "must be greater than zero";
  private static final int MAX_WEIGHT = 100;

  private AffinityChecks() {}

  static void check(Obj affinity, String path, Causes causes) {
    Obj node = affinity.obj("nodeAffinity");
    if (node.has(REQUIRED)) {
      nodeSelector(node.obj(REQUIRED), path + ".nodeAffinity." + REQUIRED, causes);
    }
    List<Obj> preferred = node.objs(PREFERRED);
    for (int i = 0; i < preferred.size(); i++) {
      String at = path + ".nodeAffinity." + PREFERRED + "[" + i + "]";
      weight(preferred.get(i), at, causes);
      nodeTerm(preferred.get(i).obj("preference"), at + ".preference", causes);
    }
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      pods(affinity.obj(kind), path + "." + kind, causes);
    }
  }

  /** A {@code core/v1 NodeSelector}: terms of which one must hold. */
  static void nodeSelector(Obj selector, String path, Causes causes) {
    List<Obj> terms = selector.objs("nodeSelectorTerms");
    if (terms.isEmpty()) {
      causes.required(path + ".nodeSelectorTerms", "must have at least one node selector term");
    }
    for (int i = 0; i < terms.size(); i++) {
      nodeTerm(terms.get(i), path + ".nodeSelectorTerms[" + i + "]", causes);
    }
  }

  private static void nodeTerm(Obj term, String path, Causes causes) {
    List<Obj> labels = term.objs("matchExpressions");
    for (int i = 0; i < labels.size(); i++) {
      onLabel(labels.get(i), path + ".matchExpressions[" + i + "]", causes);
    }
    List<Obj> fields = term.objs("matchFields");
    for (int i = 0; i < fields.size(); i++) {
      onField(fields.get(i), path + ".matchFields[" + i + "]", causes);
    }
  }

  private static void onLabel(Obj requirement, String path, Causes causes) {
    int values = requirement.list("values").size();
    String operator = requirement.string("operator");
    switch (operator) {
      case "In", "NotIn" -> {
        if (values == 0) {
          causes.required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (values > 0) {
          causes.forbidden(
              path + ".values",
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
      }
      case "Gt", "Lt" -> {
        if (values != 1) {
          causes.required(
              path + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
      }
      default -> causes.invalid(path + ".operator", operator, "not a valid selector operator");
    }
    Labels.checkQualifiedName(requirement.string("key"), path + ".key", causes);
    List<String> texts = requirement.strings("values");
    for (int i = 0; i < texts.size(); i++) {
      Labels.checkValue(texts.get(i), path + ".values[" + i + "]", causes);
    }
  }

  private static void onField(Obj requirement, String path, Causes causes) {
    String operator = requirement.string("operator");
    List<String> values = requirement.strings("values");
    if (!List.of("In", "NotIn").contains(operator)) {
      causes.invalid(path + ".operator", operator, "not a valid selector operator");
    } else if (values.size() != 1) {
      causes.required(
          path + ".values",
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    }
    if (!requirement.string("key").equals("metadata.name")) {
      causes.invalid(path + ".key", requirement.string("key"), "not a valid field selector key");
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      Checks.name(NameRule.DNS_SUBDOMAIN, values.get(i), path + ".values[" + i + "]", causes);
    }
  }

  private static void weight(Obj term, String path, Causes causes) {
    long weight = term.number("weight", 0);
    if (weight <= 0 || weight > MAX_WEIGHT) {
      causes.invalid(path + ".weight", weight, "must be in the range 1-100");
    }
  }

  private static void pods(Obj affinity, String path, Causes causes) {
    List<Obj> required = affinity.objs(REQUIRED);
    for (int i = 0; i < required.size(); i++) {
      podTerm(required.get(i), path + "." + REQUIRED + "[" + i + "]", causes);
    }
    List<Obj> preferred = affinity.objs(PREFERRED);
    for (int i = 0; i < preferred.size(); i++) {
      String at = path + "." + PREFERRED + "[" + i + "]";
      weight(preferred.get(i), at, causes);
      podTerm(preferred.get(i).obj("podAffinityTerm"), at + ".podAffinityTerm", causes);
    }
  }

  private static void podTerm(Obj term, String path, Causes causes) {
    for (String selector : List.of("labelSelector", "namespaceSelector")) {
      Labels.checkSelector(term.obj(selector), path + "." + selector, causes);
    }
    for (String namespace : term.strings("namespaces")) {
      Checks.name(NameRule.DNS_LABEL, namespace, path + ".namespace", causes);
    }
    for (String keys : List.of("matchLabelKeys", "mismatchLabelKeys")) {
      labelKeys(term, keys, path, causes);
    }
    topologyKey(term, path, causes);
  }

  private static void labelKeys(Obj term, String keys, String path, Causes causes) {
    List<String> names = term.strings(keys);
    if (!names.isEmpty() && !term.has("labelSelector")) {
      causes.forbidden(path + "." + keys, "must not be specified when labelSelector is not set");
    }
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String at = path + "." + keys + "[" + i + "]";
      Labels.checkQualifiedName(name, at, causes);
      if (isSelected(term.obj("labelSelector"), name, keys)) {
        causes.invalid(at, name, "exists in both " + keys + " and labelSelector");
      } else if (keys.equals("mismatchLabelKeys")
          && term.strings("matchLabelKeys").contains(name)) {
        causes.invalid(at, name, "exists in both matchLabelKeys and mismatchLabelKeys");
      }
    }
  }

  /** Whether the selector has the key besides what the API server wrote into it for the key. */
  private static boolean isSelected(Obj selector, String key, String keys) {
    String merged = keys.equals("matchLabelKeys") ? "In" : "NotIn";
    List<Obj> expressions =
        selector.objs("matchExpressions").stream()
            .filter(each -> each.string("key").equals(key))
            .toList();
    return selector.obj("matchLabels").has(key)
        || expressions.size() > 1
        || expressions.stream()
            .anyMatch(
                each -> !each.string("operator").equals(merged) || each.list("values").size() != 1);
  }

  private static void topologyKey(Obj term, String path, Causes causes) {
    String key = term.string("topologyKey");
    if (key.isEmpty()) {
      causes.required(path + ".topologyKey", "can not be empty");
    } else {
      Labels.checkQualifiedName(key, path + ".topologyKey", causes);
    }
  }

  static void spread(List<Obj> constraints, String path, Causes causes) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < constraints.size(); i++) {
      Obj constraint = constraints.get(i);
      String at = path + "[" + i + "]";
      String key = constraint.string("topologyKey");
      String action = constraint.string("whenUnsatisfiable");
      positive(constraint, "maxSkew", at, causes);
      topologyKey(constraint, at, causes);
      if (!UNSATISFIABLE.contains(action)) {
        causes.notSupported(at + ".whenUnsatisfiable", action, UNSATISFIABLE);
      }
      String pair = "{" + key + ", " + action + "}";
      if (!seen.add(pair)) {
        causes.duplicate(at + ".{topologyKey, whenUnsatisfiable}", pair);
      }
      if (constraint.has("minDomains")) {
        positive(constraint, "minDomains", at, causes);
        if (!action.equals("DoNotSchedule")) {
          causes.invalid(
              at + ".minDomains",
              constraint.number("minDomains", 0),
              "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + action);
        }
      }
      for (String policy : List.of("nodeAffinityPolicy", "nodeTaintsPolicy")) {
        Checks.oneOfIfAny(constraint, policy, at, List.of("Honor", "Ignore"), causes);
      }
      labelKeys(constraint, "matchLabelKeys", at, causes);
      Labels.checkSelector(constraint.obj("labelSelector"), at + ".labelSelector", causes);
    }
  }

  private static void positive(Obj constraint, String key, String path, Causes causes) {
    if (constraint.number(key, 0) <= 0) {
      causes.invalid(path + "." + key, constraint.number(key, 0), NOT_POSITIVE);
    }
  }
}
