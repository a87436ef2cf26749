package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.List;

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
      // A wish may name values that no label can have: it is never met then.
      nodeTerm(preferred.get(i).obj("preference"), at + ".preference", Values.ANY, causes);
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
      nodeTerm(terms.get(i), path + ".nodeSelectorTerms[" + i + "]", Values.OF_LABELS, causes);
    }
  }

  /** Which values a requirement may name. */
  private enum Values {
    OF_LABELS,
    ANY
  }

  private static void nodeTerm(Obj term, String path, Values values, Causes causes) {
    Checks.each(
        term.objs("matchExpressions"),
        path + ".matchExpressions",
        (requirement, at) -> {
          onLabel(requirement, at, causes);
          if (values == Values.OF_LABELS) {
            List<String> texts = requirement.strings("values");
            for (int i = 0; i < texts.size(); i++) {
              Labels.checkValue(texts.get(i), at + ".values[" + i + "]", causes);
            }
          }
        });
    Checks.each(
        term.objs("matchFields"),
        path + ".matchFields",
        (requirement, at) -> onField(requirement, at, causes));
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
    labelKeys(term, path, causes);
    topologyKey(term, path, causes);
    Labels.checkQualifiedName(term.string("topologyKey"), path + ".topologyKey", causes);
  }

  /** Keys of labels of the pod itself, which it shares with the selected ones or does not. */
  private static void labelKeys(Obj term, String path, Causes causes) {
    Obj selector = term.obj("labelSelector");
    for (String keys : List.of("matchLabelKeys", "mismatchLabelKeys")) {
      List<String> names = term.strings(keys);
      if (!names.isEmpty() && !term.has("labelSelector")) {
        causes.forbidden(path + "." + keys, "must not be specified when labelSelector is not set");
        continue;
      }
      for (int i = 0; i < names.size(); i++) {
        Labels.checkQualifiedName(names.get(i), path + "." + keys + "[" + i + "]", causes);
      }
    }
    List<String> matched = term.strings("matchLabelKeys");
    for (int i = 0; i < matched.size(); i++) {
      String key = matched.get(i);
      if (isSelectedTwice(selector, key)) {
        causes.invalid(
            path + "[" + i + "]", key, "exists in both matchLabelKeys and labelSelector");
      }
      if (term.strings("mismatchLabelKeys").contains(key)) {
        causes.invalid(
            path + ".matchLabelKeys[" + i + "]",
            key,
            "exists in both matchLabelKeys and mismatchLabelKeys");
      }
    }
  }

  /** Whether the selector has the key besides what the API server wrote into it for the key. */
  private static boolean isSelectedTwice(Obj selector, String key) {
    long expressions =
        selector.objs("matchExpressions").stream()
            .filter(each -> each.string("key").equals(key))
            .count();
    return expressions > 1 || (expressions == 1 && selector.obj("matchLabels").has(key));
  }

  private static void topologyKey(Obj term, String path, Causes causes) {
    if (term.string("topologyKey").isEmpty()) {
      causes.required(path + ".topologyKey", "can not be empty");
    }
  }

  static void spread(List<Obj> constraints, String path, Causes causes) {
    for (int i = 0; i < constraints.size(); i++) {
      Obj constraint = constraints.get(i);
      String at = path + "[" + i + "]";
      String action = constraint.string("whenUnsatisfiable");
      positive(constraint, "maxSkew", at, causes);
      topologyKey(constraint, at, causes);
      if (!UNSATISFIABLE.contains(action)) {
        causes.notSupported(at + ".whenUnsatisfiable", action, UNSATISFIABLE);
      }
      String pair = pair(constraint);
      if (constraints.subList(i + 1, constraints.size()).stream()
          .anyMatch(later -> pair(later).equals(pair))) {
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
      labelKeys(constraint, at, causes);
      Labels.checkSelector(constraint.obj("labelSelector"), at + ".labelSelector", causes);
    }
  }

  private static String pair(Obj constraint) {
    return "{"
        + constraint.string("topologyKey")
        + ", "
        + constraint.string("whenUnsatisfiable")
        + "}";
  }

  private static void positive(Obj constraint, String key, String path, Causes causes) {
    if (constraint.number(key, 0) <= 0) {
      causes.invalid(path + "." + key, constraint.number(key, 0), NOT_POSITIVE);
    }
  }
}
