package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What slices of a driver's pool of devices must be like, in Kubernetes' words. Pure. */
final class DeviceSliceChecks {
  private static final int MAX_DEVICES = 128;
  private static final int MAX_FACTS = 32;
  private static final int MAX_TEXT = 64;
  private static final List<String> PLACES =
      List.of("nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection");
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

  private DeviceSliceChecks() {}

  static void check(Obj slice, Causes causes) {
    Obj spec = slice.obj("spec");
    DeviceNames.driver(spec.string("driver"), "spec.driver", causes);
    Obj pool = spec.obj("pool");
    DeviceNames.pool(pool.string("name"), "spec.pool.name", causes);
    devices(spec.objs("devices"), causes);
    if (pool.number("resourceSliceCount", 0) <= 0) {
      causes.invalid(
          "spec.pool.resourceSliceCount",
          pool.number("resourceSliceCount", 0),
          "must be greater than zero");
    }
    if (pool.number("generation", 0) < 0) {
      causes.invalid(
          "spec.pool.generation",
          pool.number("generation", 0),
          "must be greater than or equal to zero");
    }
    place(spec, causes);
  }

  private static void place(Obj spec, Causes causes) {
    if (!spec.string("nodeName").isEmpty()) {
      Checks.name(NameRule.DNS_SUBDOMAIN, spec.string("nodeName"), "spec.nodeName", causes);
    }
    if (spec.has("nodeSelector")) {
      Obj selector = spec.obj("nodeSelector");
      AffinityChecks.nodeSelector(selector, "spec.nodeSelector", causes);
      if (selector.list("nodeSelectorTerms").size() > 1) {
        causes.invalid(
            "spec.nodeSelector.nodeSelectorTerms",
            selector.list("nodeSelectorTerms"),
            "must have exactly one node selector term");
      }
    }
    List<String> given = PLACES.stream().filter(spec::has).toList();
    String words = "`" + String.join("`, `", PLACES) + "`";
    if (given.isEmpty()) {
      causes.required("spec", "exactly one of " + words + " is required");
    } else if (given.size() > 1) {
      causes.invalid(
          "spec",
          "{" + String.join(", ", given) + "}",
          "exactly one of " + words + " is required, but multiple fields are set");
    }
  }

  private static void devices(List<Obj> devices, Causes causes) {
    causes.ifTooMany("spec.devices", devices.size(), MAX_DEVICES);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < devices.size(); i++) {
      Obj device = devices.get(i);
      String path = "spec.devices[" + i + "]";
      String name = device.string("name");
      DeviceNames.device(name, path + ".name", causes);
      if (!name.isEmpty() && !names.add(name)) {
        causes.duplicate(path + ".name", name);
      }
      int facts = device.obj("attributes").size() + device.obj("capacity").size();
      if (facts > MAX_FACTS) {
        causes.invalid(
            path,
            facts,
            "the total number of attributes and capacities must not exceed " + MAX_FACTS);
      }
      for (Obj.Entry each : device.obj("attributes")) {
        String at = path + ".attributes[" + each.key() + "]";
        DeviceNames.qualified(each.key(), at, causes);
        attribute(each, at, causes);
      }
      for (Obj.Entry each : device.obj("capacity")) {
        DeviceNames.qualified(each.key(), path + ".capacity[" + each.key() + "]", causes);
      }
      List<Obj> taints = device.objs("taints");
      for (int j = 0; j < taints.size(); j++) {
        DeviceClaimChecks.taint(taints.get(j), path + ".taints[" + j + "]", causes);
      }
    }
  }

  private static void attribute(Obj.Entry attribute, String path, Causes causes) {
    Obj value = attribute.value() instanceof Obj object ? object : Obj.EMPTY;
    if (value.isEmpty()) {
      causes.required(path, "exactly one value must be specified");
    } else if (value.size() > 1) {
      causes.invalid(path, value, "exactly one value must be specified");
    }
    String version = value.string("version");
    if (value.has("version") && !VERSION.matcher(version).matches()) {
      causes.invalid(
          path + ".version", version, "must be a string compatible with semver.org spec 2.0.0");
    }
    causes.ifTooLong(path + ".version", version, MAX_TEXT);
    causes.ifTooLong(path + ".string", value.string("string"), MAX_TEXT);
  }
}
