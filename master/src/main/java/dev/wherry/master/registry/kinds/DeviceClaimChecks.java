package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What claims of devices and device classes must be like, in Kubernetes' words. Pure. */
final class DeviceClaimChecks {
  static final int MAX_REQUESTS = 32;
  private static final int MAX_SELECTORS = 32;
  private static final int MAX_EXPRESSION_BYTES = 10 * 1024;
  private static final int MAX_PARAMETERS_BYTES = 10 * 1024;
  private static final int MAX_CHOICES = 8;

  private DeviceClaimChecks() {}

  /** The spec of a device class. */
  static void type(Obj spec, Causes causes) {
    selectors(spec, "spec.selectors", causes);
    String resource = spec.string("extendedResourceName");
    if (spec.has("extendedResourceName") && !ResourceChecks.isExtended(resource)) {
      causes.invalid(
          "spec.extendedResourceName", resource, "must be a valid extended resource name");
    }
    List<Obj> configurations = spec.objs("config");
    causes.ifTooMany("spec.config", configurations.size(), MAX_REQUESTS);
    for (int i = 0; i < configurations.size(); i++) {
      configuration(configurations.get(i), "spec.config[" + i + "]", causes);
    }
  }

  static void check(Obj spec, String path, Causes causes) {
    Obj devices = spec.obj("devices");
    requests(devices.objs("requests"), path + ".devices.requests", causes);
    Set<String> names = names(spec);
    List<Obj> constraints = devices.objs("constraints");
    causes.ifTooMany(path + ".devices.constraints", constraints.size(), MAX_REQUESTS);
    for (int i = 0; i < constraints.size(); i++) {
      Obj constraint = constraints.get(i);
      String at = path + ".devices.constraints[" + i + "]";
      references(constraint, names, at, causes);
      attribute(constraint, at, causes);
    }
    List<Obj> configurations = devices.objs("config");
    causes.ifTooMany(path + ".devices.config", configurations.size(), MAX_REQUESTS);
    for (int i = 0; i < configurations.size(); i++) {
      String at = path + ".devices.config[" + i + "]";
      references(configurations.get(i), names, at, causes);
      configuration(configurations.get(i), at, causes);
    }
  }

  /** Whose value all devices share, or no two. */
  private static void attribute(Obj constraint, String path, Causes causes) {
    for (String key : List.of("matchAttribute", "distinctAttribute")) {
      if (constraint.has(key)) {
        DeviceNames.fullyQualified(constraint.string(key), path + "." + key, causes);
        return;
      }
    }
    causes.required(
        path,
        "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple"
            + " fields are set");
  }

  /** How requests are referred to: by name, and those with choices by that of the choice, too. */
  static Set<String> names(Obj spec) {
    Set<String> names = new HashSet<>();
    for (Obj request : spec.obj("devices").objs("requests")) {
      names.add(request.string("name"));
      for (Obj choice : request.objs("firstAvailable")) {
        names.add(request.string("name") + "/" + choice.string("name"));
      }
    }
    return names;
  }

  /** The {@code requests} of this object, each once and each of the claim's. */
  static void references(Obj of, Set<String> names, String path, Causes causes) {
    List<String> requests = of.strings("requests");
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      String at = path + ".requests[" + i + "]";
      reference(requests.get(i), names, at, causes);
      if (!seen.add(requests.get(i))) {
        causes.duplicate(at, requests.get(i));
      }
    }
    causes.ifTooMany(path + ".requests", requests.size(), MAX_REQUESTS);
  }

  static void reference(String name, Set<String> names, String path, Causes causes) {
    String[] parts = name.split("/", -1);
    if (parts.length <= 2) {
      for (String part : parts) {
        NameRule.DNS_LABEL
            .complaint(part)
            .ifPresent(complaint -> causes.invalid(path, part, complaint));
      }
    }
    if (!names.contains(name)) {
      causes.invalid(
          path,
          name,
          "must be the name of a request in the claim or the name of a request and a subrequest"
              + " separated by '/'");
    }
  }

  /** What a driver is told, of which it alone knows the meaning. */
  static void configuration(Obj configuration, String path, Causes causes) {
    if (!configuration.has("opaque")) {
      causes.required(path + ".opaque", "");
      return;
    }
    Obj opaque = configuration.obj("opaque");
    DeviceNames.driver(opaque.string("driver"), path + ".opaque.driver", causes);
    raw(opaque, "parameters", path + ".opaque", MAX_PARAMETERS_BYTES, causes);
  }

  /** A member that must be a JSON object of so many bytes at the most. */
  static void raw(Obj of, String key, String path, int mostBytes, Causes causes) {
    Object value = of.get(key).orElse("");
    if (value.equals("")) {
      causes.required(path + "." + key, "");
    } else if (Json.text(value).getBytes(StandardCharsets.UTF_8).length > mostBytes) {
      causes.ifTooLong(path + "." + key, Json.text(value), mostBytes);
    } else if (!(value instanceof Obj)) {
      causes.invalid(path + "." + key, "<value omitted>", "parameters must be a valid JSON object");
    }
  }

  private static void requests(List<Obj> requests, String path, Causes causes) {
    causes.ifTooMany(path, requests.size(), MAX_REQUESTS);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      Obj request = requests.get(i);
      String at = path + "[" + i + "]";
      name(request, names, at, causes);
      boolean exact = request.has("exactly");
      boolean first = !request.list("firstAvailable").isEmpty();
      if (exact && first) {
        causes.invalid(
            at,
            "",
            "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are"
                + " set");
      } else if (!exact && !first) {
        causes.required(at, "exactly one of `exactly` or `firstAvailable` is required");
      } else if (exact) {
        wanted(request.obj("exactly"), at + ".exactly", causes);
      } else {
        choices(request.objs("firstAvailable"), at + ".firstAvailable", causes);
      }
    }
  }

  private static void choices(List<Obj> choices, String path, Causes causes) {
    causes.ifTooMany(path, choices.size(), MAX_CHOICES);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < choices.size(); i++) {
      String at = path + "[" + i + "]";
      name(choices.get(i), names, at, causes);
      wanted(choices.get(i), at, causes);
    }
  }

  private static void name(Obj of, Set<String> names, String path, Causes causes) {
    String name = of.string("name");
    Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
    if (!name.isEmpty() && !names.add(name)) {
      causes.duplicate(path, name);
    }
  }

  private static void wanted(Obj wanted, String path, Causes causes) {
    String type = wanted.string("deviceClassName");
    Checks.name(NameRule.DNS_SUBDOMAIN, type, path + ".deviceClassName", causes);
    selectors(wanted, path + ".selectors", causes);
    long count = wanted.number("count", 0);
    switch (wanted.string("allocationMode")) {
      case "ExactCount" -> {
        if (count <= 0) {
          causes.invalid(path + ".count", count, "must be greater than zero");
        }
      }
      case "All" -> {
        if (count != 0) {
          causes.invalid(
              path + ".count", count, "must not be specified when allocationMode is 'All'");
        }
      }
      default ->
          causes.notSupported(
              path + ".allocationMode",
              wanted.string("allocationMode"),
              List.of("All", "ExactCount"));
    }
    DeviceTaintChecks.tolerations(wanted.objs("tolerations"), path + ".tolerations", causes);
  }

  private static void selectors(Obj of, String path, Causes causes) {
    List<Obj> selectors = of.objs("selectors");
    causes.ifTooMany(path, selectors.size(), MAX_SELECTORS);
    for (int i = 0; i < selectors.size(); i++) {
      String at = path + "[" + i + "].cel";
      if (!selectors.get(i).has("cel")) {
        causes.required(at, "");
      } else {
        expression(selectors.get(i).obj("cel").string("expression"), at + ".expression", causes);
      }
    }
  }

  private static void expression(String text, String path, Causes causes) {
    if (text.isEmpty()) {
      causes.required(path, "");
    } else if (text.getBytes(StandardCharsets.UTF_8).length > MAX_EXPRESSION_BYTES) {
      causes.ifTooLong(path, text, MAX_EXPRESSION_BYTES);
    } else {
      DeviceExpressions.complaint(text).ifPresent(why -> causes.invalid(path, text, why));
    }
  }
}
