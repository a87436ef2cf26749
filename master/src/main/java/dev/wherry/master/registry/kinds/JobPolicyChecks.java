package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a job's rules about the failures and successes of its pods must be like. Pure. */
final class JobPolicyChecks {
  private static final int MAX_RULES = 20;
  private static final int MAX_VALUES = 255;
  private static final int MAX_INDEXES_TEXT = 64 * 1024;
  private static final List<String> ACTIONS = List.of("Count", "FailIndex", "FailJob", "Ignore");

  private JobPolicyChecks() {}

  static void failures(Obj spec, String path, Causes causes) {
    if (!spec.has("podFailurePolicy")) {
      return;
    }
    List<Obj> rules = spec.obj("podFailurePolicy").objs("rules");
    String list = path + ".podFailurePolicy.rules";
    causes.ifTooMany(list, rules.size(), MAX_RULES);
    Set<String> containers = new HashSet<>();
    Obj pod = spec.at("template", "spec");
    pod.objs("containers").forEach(each -> containers.add(each.string("name")));
    pod.objs("initContainers").forEach(each -> containers.add(each.string("name")));
    for (int i = 0; i < rules.size(); i++) {
      Obj rule = rules.get(i);
      String at = list + "[" + i + "]";
      String action = rule.string("action");
      oneOf(rule, "action", at, ACTIONS, causes);
      if (action.equals("FailIndex") && !spec.has("backoffLimitPerIndex")) {
        causes.invalid(at + ".action", action, "requires the backoffLimitPerIndex to be set");
      }
      boolean codes = rule.has("onExitCodes");
      boolean conditions = !rule.list("onPodConditions").isEmpty();
      if (codes && conditions) {
        causes.invalid(at, "specifying both OnExitCodes and OnPodConditions is not supported");
      } else if (!codes && !conditions) {
        causes.invalid(at, "specifying one of OnExitCodes and OnPodConditions is required");
      }
      if (codes) {
        codes(rule.obj("onExitCodes"), containers, at + ".onExitCodes", causes);
      }
      conditions(rule.objs("onPodConditions"), at + ".onPodConditions", causes);
    }
  }

  private static void oneOf(
      Obj object, String key, String path, List<String> supported, Causes causes) {
    String value = object.string(key);
    if (value.isEmpty()) {
      causes.required(
          path + "." + key, "valid values: [\"" + String.join("\" \"", supported) + "\"]");
    } else if (!supported.contains(value)) {
      causes.notSupported(path + "." + key, value, supported);
    }
  }

  private static void codes(Obj codes, Set<String> containers, String path, Causes causes) {
    oneOf(codes, "operator", path, List.of("In", "NotIn"), causes);
    String container = codes.string("containerName");
    if (codes.has("containerName") && !containers.contains(container)) {
      causes.invalid(
          path + ".containerName",
          container,
          "must be one of the container or initContainer names in the pod template");
    }
    List<Object> values = codes.list("values");
    if (values.isEmpty()) {
      causes.invalid(path + ".values", values, "at least one value is required");
    }
    causes.ifTooMany(path + ".values", values.size(), MAX_VALUES);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (!(values.get(i) instanceof Long value)) {
        continue;
      }
      if (numbers.contains(value)) {
        causes.duplicate(path + ".values[" + i + "]", value);
      }
      if (value == 0 && codes.string("operator").equals("In")) {
        causes.invalid(path + ".values[" + i + "]", value, "must not be 0 for the In operator");
      }
      numbers.add(value);
    }
    if (!numbers.stream().sorted().toList().equals(numbers)) {
      causes.invalid(path + ".values", values, "must be ordered");
    }
  }

  private static void conditions(List<Obj> conditions, String path, Causes causes) {
    causes.ifTooMany(path, conditions.size(), MAX_RULES);
    for (int i = 0; i < conditions.size(); i++) {
      String at = path + "[" + i + "]";
      Labels.checkQualifiedName(conditions.get(i).string("type"), at + ".type", causes);
      oneOf(conditions.get(i), "status", at, List.of("False", "True", "Unknown"), causes);
    }
  }

  static void successes(Obj spec, String path, Causes causes) {
    if (!spec.has("successPolicy")) {
      return;
    }
    List<Obj> rules = spec.obj("successPolicy").objs("rules");
    String list = path + ".successPolicy.rules";
    if (rules.isEmpty()) {
      causes.required(
          list, "at least one rules must be specified when the successPolicy is specified");
    } else causes.ifTooMany(list, rules.size(), MAX_RULES);
    for (int i = 0; i < rules.size(); i++) {
      Obj rule = rules.get(i);
      String at = list + "[" + i + "]";
      if (!rule.has("succeededCount") && !rule.has("succeededIndexes")) {
        causes.required(at, "at least one of succeededCount or succeededIndexes must be specified");
      }
      long named = indexes(spec, rule, at, causes);
      if (rule.has("succeededCount")) {
        long count = rule.number("succeededCount", 0);
        if (count > spec.number("completions", 0)) {
          causes.invalid(
              at + ".succeededCount",
              count,
              "must be less than or equal to "
                  + spec.number("completions", 0)
                  + " (the number of specified completions)");
        }
        if (rule.has("succeededIndexes") && count > named) {
          causes.invalid(
              at + ".succeededCount",
              count,
              "must be less than or equal to "
                  + named
                  + " (the number of indexes in the specified succeededIndexes field)");
        }
        Checks.notNegative(rule, "succeededCount", at, causes);
      }
    }
  }

  /** How many indexes the rule names; 0 where it names none, or what is none. */
  private static long indexes(Obj spec, Obj rule, String path, Causes causes) {
    String text = rule.string("succeededIndexes");
    if (text.length() > MAX_INDEXES_TEXT) {
      causes.ifTooLong(path + ".succeededIndexes", text, MAX_INDEXES_TEXT);
      return 0;
    }
    try {
      return JobIndexes.count(text, spec.number("completions", 0));
    } catch (IllegalArgumentException e) {
      causes.invalid(
          path + ".succeededIndexes", text, "error parsing succeededIndexes: " + e.getMessage());
      return 0;
    }
  }
}
