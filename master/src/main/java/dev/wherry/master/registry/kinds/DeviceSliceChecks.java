package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What slices of a driver's pool of devices must be like, in Kubernetes' words. Pure. */
final class DeviceSliceChecks {
  private static final int MAX_DEVICES = 128;
  private static final int MAX_COMPLEX_DEVICES = 64;
  private static final int MAX_COUNTER_SETS = 8;
  private static final List<String> LISTS = List.of("bools", "ints", "strings", "versions");

  private DeviceSliceChecks() {}

  static void check(Obj slice, Causes causes) {
    Obj spec = slice.obj("spec");
    DeviceNames.driver(spec.string("driver"), "spec.driver", causes);
    pool(spec.obj("pool"), "spec.pool", causes);
    place(spec, causes);
    if (spec.has("sharedCounters") && spec.has("devices")) {
      causes.invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
    }
    devices(spec, causes);
    counterSets(spec.objs("sharedCounters"), causes);
  }

  private static void pool(Obj pool, String path, Causes causes) {
    DeviceNames.pool(pool.string("name"), path + ".name", causes);
    long slices = pool.number("resourceSliceCount", 0);
    if (slices <= 0) {
      causes.invalid(path + ".resourceSliceCount", slices, "must be greater than zero");
    }
    long generation = pool.number("generation", 0);
    if (generation < 0) {
      causes.invalid(path + ".generation", generation, "must be greater than or equal to zero");
    }
  }

  private static void place(Obj spec, Causes causes) {
    List<String> given = new ArrayList<>();
    if (spec.has("nodeName")) {
      String name = spec.string("nodeName");
      if (name.isEmpty()) {
        causes.invalid("spec.nodeName", name, "must be either unset or set to a non-empty string");
      } else {
        given.add("`nodeName`");
        Checks.name(NameRule.DNS_SUBDOMAIN, name, "spec.nodeName", causes);
      }
    }
    if (spec.has("nodeSelector")) {
      given.add("`nodeSelector`");
      selector(spec.obj("nodeSelector"), "spec.nodeSelector", causes);
    }
    for (String key : List.of("allNodes", "perDeviceNodeSelection")) {
      if (spec.flag(key)) {
        given.add("`" + key + "`");
      } else if (spec.has(key)) {
        causes.invalid("spec." + key, false, "must be either unset or set to true");
      }
    }
    String one =
        "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is"
            + " required";
    if (given.isEmpty()) {
      causes.required("spec", one);
    } else if (given.size() > 1) {
      causes.invalid(
          "spec", "{" + String.join(", ", given) + "}", one + ", but multiple fields are set");
    }
  }

  private static void selector(Obj selector, String path, Causes causes) {
    AffinityChecks.nodeSelector(selector, path, causes);
    if (selector.list("nodeSelectorTerms").size() != 1) {
      causes.invalid(
          path + ".nodeSelectorTerms",
          selector.list("nodeSelectorTerms"),
          "must have exactly one node selector term");
    }
  }

  private static void devices(Obj spec, Causes causes) {
    List<Obj> devices = spec.objs("devices");
    int most =
        devices.stream().anyMatch(DeviceSliceChecks::isComplex) ? MAX_COMPLEX_DEVICES : MAX_DEVICES;
    causes.ifTooMany("spec.devices", devices.size(), most);
    if (devices.size() > most) {
      return;
    }
    boolean placed = spec.flag("perDeviceNodeSelection");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < devices.size(); i++) {
      String path = "spec.devices[" + i + "]";
      DeviceChecks.check(devices.get(i), path, causes);
      if (placed) {
        DeviceChecks.placed(devices.get(i), path, causes);
      } else {
        DeviceChecks.unplaced(devices.get(i), path, causes);
      }
      if (!names.add(devices.get(i).string("name"))) {
        causes.duplicate(path, devices.get(i).string("name"));
      }
    }
  }

  /** Whether a device has what makes it large, so that fewer fit into a slice. */
  private static boolean isComplex(Obj device) {
    return !device.list("taints").isEmpty()
        || !device.list("consumesCounters").isEmpty()
        || hasLists(device.obj("attributes"));
  }

  private static boolean hasLists(Obj attributes) {
    for (Obj.Entry each : attributes) {
      if (each.value() instanceof Obj value && LISTS.stream().anyMatch(value::has)) {
        return true;
      }
    }
    return false;
  }

  private static void counterSets(List<Obj> sets, Causes causes) {
    causes.ifTooMany("spec.sharedCounters", sets.size(), MAX_COUNTER_SETS);
    if (sets.size() > MAX_COUNTER_SETS) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < sets.size(); i++) {
      String path = "spec.sharedCounters[" + i + "]";
      String name = sets.get(i).string("name");
      Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
      DeviceChecks.counters(sets.get(i).obj("counters"), path + ".counters", causes);
      if (!names.add(name)) {
        causes.duplicate(path, name);
      }
    }
  }
}
