package dev.wherry.master.access;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The selectors that an access review asks with (authorization.k8s.io/v1 FieldSelectorAttributes,
 * LabelSelectorAttributes). Pure.
 *
 * @param fields those that have one value
 * @param ignored what of them could not be used, in Kubernetes' words; empty when nothing
 */
record AskedSelectors(Map<String, String> fields, String ignored) {
  private static final String PATH = "spec.resourceAttributes.";
  private static final List<String> WITH_VALUES = List.of("In", "NotIn");
  private static final List<String> WITHOUT = List.of("Exists", "DoesNotExist");

  AskedSelectors {
    fields = Map.copyOf(fields);
  }

  /** What is wrong with the selectors of these attributes. */
  static List<Cause> check(Obj attributes) {
    List<Cause> causes = new ArrayList<>();
    for (String kind : List.of("fieldSelector", "labelSelector")) {
      if (attributes.has(kind)) {
        check(attributes.obj(kind), kind, causes);
      }
    }
    return causes;
  }

  private static void check(Obj selector, String kind, List<Cause> causes) {
    String path = PATH + kind;
    String raw = selector.string("rawSelector");
    List<Obj> requirements = selector.objs("requirements");
    if (!raw.isEmpty() && !requirements.isEmpty()) {
      causes.add(
          Cause.invalid(
              path + ".rawSelector", raw, "may not specified at the same time as requirements"));
    }
    if (raw.isEmpty() && requirements.isEmpty()) {
      causes.add(
          Cause.required(
              path + ".requirements",
              "when " + path + " is specified, requirements or rawSelector is required"));
    }
    for (int i = 0; i < requirements.size(); i++) {
      checkRequirement(requirements.get(i), path + ".requirements[" + i + "]", causes);
    }
  }

  private static void checkRequirement(Obj requirement, String path, List<Cause> causes) {
    if (requirement.string("key").isEmpty()) {
      causes.add(Cause.required(path + ".key", "must be specified"));
    }
    String operator = requirement.string("operator");
    boolean hasValues = !requirement.strings("values").isEmpty();
    if (WITH_VALUES.contains(operator)) {
      if (!hasValues) {
        causes.add(
            Cause.required(
                path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (WITHOUT.contains(operator)) {
      if (hasValues) {
        causes.add(
            Cause.forbidden(
                path + ".values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
    } else {
      causes.add(Cause.invalid(path + ".operator", operator, "not a valid selector operator"));
    }
  }

  /** What the selectors of good attributes come to. */
  static AskedSelectors of(Obj attributes) {
    Map<String, String> fields = new HashMap<>();
    List<String> ignored = new ArrayList<>();
    Obj byField = attributes.obj("fieldSelector");
    fields.putAll(EqualFields.of(byField.string("rawSelector")));
    boolean unusable = isMalformed(byField.string("rawSelector"));
    int used = fields.size();
    for (Obj each : byField.objs("requirements")) {
      List<String> values = each.strings("values");
      if (WITHOUT.contains(each.string("operator")) || values.size() > 1) {
        unusable = true; // fields are compared with one value
        continue;
      }
      used++;
      if (each.string("operator").equals("In")) {
        fields.put(each.string("key"), values.getFirst());
      }
    }
    if (unusable) {
      String extent = used > 0 ? "partially ignored" : "ignored";
      ignored.add(PATH + "fieldSelector " + extent + " due to parse error");
    }
    if (!isLabelSelector(attributes.obj("labelSelector").string("rawSelector"))) {
      ignored.add(PATH + "labelSelector ignored due to parse error");
    }
    return new AskedSelectors(fields, String.join("; ", ignored));
  }

  private static boolean isMalformed(String fieldSelector) {
    return !fieldSelector.isEmpty()
        && List.of(fieldSelector.split("(?<!\\\\),", -1)).stream()
            .anyMatch(term -> !term.isBlank() && term.indexOf('=') <= 0);
  }

  private static boolean isLabelSelector(String text) {
    try {
      LabelSelector.parse(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
