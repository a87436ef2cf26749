package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a device in a slice must be like, in Kubernetes' words. Pure. */
final class DeviceChecks {
  private static final int MAX_FACTS = 32;
  private static final int MAX_VALUES = 48;
  private static final int MAX_TEXT = 64;
  private static final int MAX_TAINTS = 16;
  private static final int MAX_CONSUMED_SETS = 2;
  private static final int MAX_COUNTERS = 32;
  private static final int MAX_CONDITIONS = 4;
  private static final String ONE_VALUE = "exactly one value must be specified";
  private static final String ONE_PLACE =
      "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when"
          + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

  /** The lists among an attribute's values, by the value that each is several of. */
  private static final Map<String, String> LISTS =
      Map.of("bools", "bool", "ints", "int", "strings", "string", "versions", "version");

  private static final String NUMBER = "(0|[1-9]\\d*)";
  private static final String RELEASE = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";

  /** Semantic Versioning 2.0.0. */
  private static final Pattern VERSION =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(-"
              + RELEASE
              + "(\\."
              + RELEASE
              + ")*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?");

  private DeviceChecks() {}

  static void check(Obj device, String path, Causes causes) {
    DeviceNames.device(device.string("name"), path + ".name", causes);
    facts(device, path, causes);
    taints(device.objs("taints"), path + ".taints", causes);
    consumed(device.objs("consumesCounters"), path + ".consumesCounters", causes);
    conditions(device, path, causes);
  }

  private static void facts(Obj device, String path, Causes causes) {
    Obj attributes = device.obj("attributes");
    int facts = attributes.size() + device.obj("capacity").size();
    if (facts > MAX_FACTS) {
      causes.invalid(
          path,
          facts,
          "the total number of attributes and capacities must not exceed " + MAX_FACTS);
    }
    int values = 0;
    for (Obj.Entry each : attributes) {
      String at = path + ".attributes[" + each.key() + "]";
      Obj value = each.value() instanceof Obj object ? object : Obj.EMPTY;
      DeviceNames.qualified(each.key(), at, causes);
      attribute(value, at, causes);
      int listed = LISTS.keySet().stream().mapToInt(key -> value.list(key).size()).sum();
      values += Math.max(1, listed);
    }
    if (values > MAX_VALUES) {
      causes.invalid(
          path, values, "the total number of attribute values must not exceed " + MAX_VALUES);
    }
    for (Obj.Entry each : device.obj("capacity")) {
      String at = path + ".capacity[" + each.key() + "]";
      DeviceNames.qualified(each.key(), at, causes);
      if (each.value() instanceof Obj capacity) {
        DeviceCapacityChecks.check(device, capacity, at, causes);
      }
    }
  }

  private static void attribute(Obj value, String path, Causes causes) {
    if (value.isEmpty()) {
      causes.invalid(path, "", ONE_VALUE);
    } else if (value.size() > 1) {
      causes.invalid(path, value, ONE_VALUE);
    }
    for (Obj.Entry each : value) {
      String at = path + "." + each.key();
      if (each.value() instanceof List<?> items) {
        if (items.isEmpty()) {
          causes.invalid(at, items, "must not be empty if specified");
        }
        for (int i = 0; i < items.size(); i++) {
          text(
              LISTS.getOrDefault(each.key(), ""),
              String.valueOf(items.get(i)),
              at + "[" + i + "]",
              causes);
        }
      } else {
        text(each.key(), String.valueOf(each.value()), at, causes);
      }
    }
  }

  private static void text(String kind, String value, String path, Causes causes) {
    boolean version = kind.equals("version");
    if (version && !VERSION.matcher(value).matches()) {
      causes.invalid(path, value, "must be a string compatible with semver.org spec 2.0.0");
    }
    if (version || kind.equals("string")) {
      causes.ifTooLong(path, value, MAX_TEXT);
    }
  }

  private static void taints(List<Obj> taints, String path, Causes causes) {
    causes.ifTooMany(path, taints.size(), MAX_TAINTS);
    if (taints.size() <= MAX_TAINTS) {
      for (int i = 0; i < taints.size(); i++) {
        DeviceTaintChecks.taint(taints.get(i), path + "[" + i + "]", causes);
      }
    }
  }

  private static void consumed(List<Obj> sets, String path, Causes causes) {
    causes.ifTooMany(path, sets.size(), MAX_CONSUMED_SETS);
    if (sets.size() > MAX_CONSUMED_SETS) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      String at = path + "[" + i + "]";
      String name = sets.get(i).string("counterSet");
      Checks.name(NameRule.DNS_LABEL, name, at + ".counterSet", causes);
      counters(sets.get(i).obj("counters"), at + ".counters", causes);
      if (!names.add(name)) {
        causes.duplicate(at, name);
      }
    }
  }

  /** Amounts by name, of which devices of a pool take theirs. */
  static void counters(Obj counters, String path, Causes causes) {
    if (counters.isEmpty()) {
      causes.required(path, "");
    }
    causes.ifTooMany(path, counters.size(), MAX_COUNTERS);
    if (counters.size() <= MAX_COUNTERS) {
      for (Obj.Entry each : counters) {
        Checks.name(NameRule.DNS_LABEL, each.key(), path, causes);
      }
    }
  }

  /** Where a device is, when each says so by itself. */
  static void placed(Obj device, String path, Causes causes) {
    List<String> given = new ArrayList<>();
    if (device.has("nodeName")) {
      String name = device.string("nodeName");
      if (name.isEmpty()) {
        causes.invalid(path + ".nodeName", name, "must not be empty");
      } else {
        given.add("`nodeName`");
        Checks.name(NameRule.DNS_SUBDOMAIN, name, path + ".nodeName", causes);
      }
    }
    if (device.has("nodeSelector")) {
      given.add("`nodeSelector`");
      AffinityChecks.nodeSelector(device.obj("nodeSelector"), path + ".nodeSelector", causes);
    }
    if (device.flag("allNodes")) {
      given.add("`allNodes`");
    } else if (device.has("allNodes")) {
      causes.invalid(path + ".allNodes", false, "must be either unset or set to true");
    }
    if (given.isEmpty()) {
      causes.required(path, ONE_PLACE);
    } else if (given.size() > 1) {
      causes.invalid(path, "{" + String.join(", ", given) + "}", ONE_PLACE);
    }
  }

  /** A device of a slice that says where all of its devices are. */
  static void unplaced(Obj device, String path, Causes causes) {
    if (device.has("nodeName") || device.has("nodeSelector") || device.has("allNodes")) {
      causes.invalid(
          path,
          "null: `nodeName`, `nodeSelector` and `allNodes` can only be set if"
              + " `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
    }
  }

  /**
   * What a pod waits for before it is bound, and what ends the waiting, of which no one is both.
   */
  static void conditions(Obj of, String path, Causes causes) {
    List<String> awaited = of.strings("bindingConditions");
    List<String> failures = of.strings("bindingFailureConditions");
    names(awaited, path + ".bindingConditions", causes);
    names(failures, path + ".bindingFailureConditions", causes);
    for (int i = 0; i < failures.size(); i++) {
      if (awaited.contains(failures.get(i))) {
        causes.invalid(
            path + ".bindingFailureConditions[" + i + "]",
            failures.get(i),
            "bindingFailureConditions must not overlap with bindingConditions");
      }
    }
    if (awaited.isEmpty() && !failures.isEmpty()) {
      causes.invalid(
          path + ".bindingConditions",
          awaited,
          "bindingConditions are required to use bindingFailureConditions");
    }
    if (failures.isEmpty() && !awaited.isEmpty()) {
      causes.invalid(
          path + ".bindingFailureConditions",
          failures,
          "bindingFailureConditions are required to use bindingConditions");
    }
  }

  private static void names(List<String> conditions, String path, Causes causes) {
    causes.ifTooMany(path, conditions.size(), MAX_CONDITIONS);
    if (conditions.size() > MAX_CONDITIONS) {
      return;
    }
    for (int i = 0; i < conditions.size(); i++) {
      String at = path + "[" + i + "]";
      Labels.checkQualifiedName(conditions.get(i), at, causes);
      if (conditions.indexOf(conditions.get(i)) < i) {
        causes.duplicate(at, conditions.get(i));
      }
    }
  }
}
