package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
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
  private static final List<String> EFFECTS = List.of("NoExecute", "NoSchedule");

  private DeviceClaimChecks() {}

  /** The spec of a device class. */
  static void type(Obj spec, Causes causes) {
    selectors(spec, "spec.selectors", causes);
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
      if (constraint.has("matchAttribute")) {
        DeviceNames.fullyQualified(
            constraint.string("matchAttribute"), at + ".matchAttribute", causes);
      } else if (!constraint.has("distinctAttribute")) {
        causes.required(at + ".matchAttribute", "");
      }
    }
    List<Obj> configurations = devices.objs("config");
    causes.ifTooMany(path + ".devices.config", configurations.size(), MAX_REQUESTS);
    for (int i = 0; i < configurations.size(); i++) {
      String at = path + ".devices.config[" + i + "]";
      references(configurations.get(i), names, at, causes);
      configuration(configurations.get(i), at, causes);
    }
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
    } else if (!(value instanceof Obj object)) {
      causes.invalid(path + "." + key, "<value omitted>", "parameters must be a valid JSON object");
    } else {
      causes.ifTooLong(path + "." + key, Json.text(object), mostBytes);
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
      causes.duplicate(path + ".name", name);
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
    List<Obj> tolerations = wanted.objs("tolerations");
    for (int i = 0; i < tolerations.size(); i++) {
      toleration(tolerations.get(i), path + ".tolerations[" + i + "]", causes);
    }
  }

  private static void toleration(Obj toleration, String path, Causes causes) {
    if (!toleration.string("key").isEmpty()) {
      Labels.checkQualifiedName(toleration.string("key"), path + ".key", causes);
    }
    String value = toleration.string("value");
    switch (toleration.string("operator")) {
      case "Exists" -> {
        if (!value.isEmpty()) {
          causes.invalid(path + ".value", value, "must be empty for operator `Exists`");
        }
      }
      case "Equal" -> Labels.checkValue(value, path + ".value", causes);
      default ->
          causes.notSupported(
              path + ".operator", toleration.string("operator"), List.of("Equal", "Exists"));
    }
    String effect = toleration.string("effect");
    if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
      causes.notSupported(path + ".effect", effect, EFFECTS);
    }
  }

  /** A device's taint, which says its effect. */
  static void taint(Obj taint, String path, Causes causes) {
    Labels.checkQualifiedName(taint.string("key"), path + ".key", causes);
    Labels.checkValue(taint.string("value"), path + ".value", causes);
    if (!taint.string("effect").equals("None")) {
      Checks.oneOf(taint, "effect", path, EFFECTS, causes);
    }
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
