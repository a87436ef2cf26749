package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** What a pod's spec must be like, alone or in a template (Kubernetes: ValidatePodSpec). Pure. */
final class PodSpecChecks {
  private static final List<String> EFFECTS =
      List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  private PodSpecChecks() {}

  /** The labels, annotations and spec of a template. */
  static void template(Obj template, String path, Causes causes) {
    Labels.check(template.obj("metadata"), path + ".labels", causes);
    check(template.obj("spec"), path + ".spec", causes);
    if (!template.obj("spec").list("ephemeralContainers").isEmpty()) {
      causes.forbidden(
          path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
    }
  }

  static void check(Obj spec, String path, Causes causes) {
    Set<String> volumes = volumes(spec, path + ".volumes", causes);
    Set<String> claims = ResourceChecks.podClaims(spec, path, causes);
    containers(spec, path, new ContainerChecks(spec, volumes, claims, new HashSet<>(), causes));
    hostPorts(spec, path, causes);
    Checks.oneOf(spec, "restartPolicy", path, List.of("Always", "OnFailure", "Never"), causes);
    Checks.oneOf(
        spec,
        "dnsPolicy",
        path,
        List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        causes);
    Labels.checkMap(spec.obj("nodeSelector"), path + ".nodeSelector", causes);
    SecurityChecks.ofPod(spec, path, causes);
    AffinityChecks.check(spec.obj("affinity"), path + ".affinity", causes);
    dns(spec, path + ".dnsConfig", causes);
    gates(spec, path, causes);
    AffinityChecks.spread(
        spec.objs("topologySpreadConstraints"), path + ".topologySpreadConstraints", causes);
    names(spec, path, causes);
    Checks.notNegative(spec, "terminationGracePeriodSeconds", path, causes);
    if (spec.has("activeDeadlineSeconds")) {
      Checks.withinRange(spec, "activeDeadlineSeconds", path, 1, Integer.MAX_VALUE, causes);
    }
    tolerations(spec.objs("tolerations"), path + ".tolerations", causes);
    hostAliases(spec.objs("hostAliases"), path + ".hostAliases", causes);
    Checks.oneOfIfAny(
        spec, "preemptionPolicy", path, List.of("PreemptLowerPriority", "Never"), causes);
    for (Obj.Entry each : spec.obj("overhead")) {
      ResourceChecks.amount(
          each.key(), each.value(), path + ".overhead[" + each.key() + "]", causes);
    }
    system(spec, path, causes);
  }

  private static void containers(Obj spec, String path, ContainerChecks checks) {
    if (spec.objs("containers").isEmpty()) {
      checks.causes().required(path + ".containers", "");
    }
    each(spec.objs("containers"), path + ".containers", checks::check);
    each(spec.objs("initContainers"), path + ".initContainers", checks::checkInit);
    Set<String> targets = Set.copyOf(checks.names());
    each(
        spec.objs("ephemeralContainers"),
        path + ".ephemeralContainers",
        (container, at) -> checks.checkEphemeral(container, at, targets));
  }

  private static void each(List<Obj> items, String path, BiConsumer<Obj, String> check) {
    for (int i = 0; i < items.size(); i++) {
      check.accept(items.get(i), path + "[" + i + "]");
    }
  }

  private static Set<String> volumes(Obj spec, String path, Causes causes) {
    Set<String> names = new HashSet<>();
    each(
        spec.objs("volumes"),
        path,
        (volume, at) -> {
          String name = volume.string("name");
          VolumeSourceChecks.check(volume.without("name"), at, causes);
          Checks.name(NameRule.DNS_LABEL, name, at + ".name", causes);
          if (!name.isEmpty() && !names.add(name)) {
            causes.duplicate(at + ".name", name);
          }
        });
    return names;
  }

  private static void names(Obj spec, String path, Causes causes) {
    for (String key : List.of("hostname", "subdomain")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, spec.string(key), path + "." + key, causes);
      }
    }
    for (String key :
        List.of("serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(key), path + "." + key, causes);
      }
    }
  }

  private static void dns(Obj spec, String path, Causes causes) {
    Obj config = spec.obj("dnsConfig");
    List<String> servers = config.strings("nameservers");
    if (spec.string("dnsPolicy").equals("None")) {
      if (!spec.has("dnsConfig")) {
        causes.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        return;
      }
      if (servers.isEmpty()) {
        causes.required(
            path + ".nameservers",
            "must provide at least one DNS nameserver when `dnsPolicy` is None");
        return;
      }
    }
    if (servers.size() > 3) {
      causes.invalid(path + ".nameservers", servers, "must not have more than 3 nameservers");
    }
    for (int i = 0; i < servers.size(); i++) {
      Checks.address(servers.get(i), path + ".nameservers[" + i + "]", causes);
    }
    searches(config.strings("searches"), path + ".searches", causes);
    each(
        config.objs("options"),
        path + ".options",
        (option, at) -> {
          if (option.string("name").isEmpty()) {
            causes.required(at, "must not be empty");
          }
        });
  }

  private static void searches(List<String> searches, String path, Causes causes) {
    if (searches.size() > 32) {
      causes.invalid(path, searches, "must not have more than 32 search paths");
    }
    if (String.join(" ", searches).length() > 2048) {
      causes.invalid(
          path,
          searches,
          "must not have more than 2048 characters (including spaces) in the search list");
    }
    for (int i = 0; i < searches.size(); i++) {
      String domain = searches.get(i);
      String bare = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
      if (!domain.equals(".")) {
        // Underscores are borne there: some directories name their services so.
        Checks.name(NameRule.DNS_SUBDOMAIN, bare.replace('_', 'x'), path + "[" + i + "]", causes);
      }
    }
  }

  private static void gates(Obj spec, String path, Causes causes) {
    each(
        spec.objs("readinessGates"),
        path + ".readinessGates",
        (gate, at) ->
            Labels.checkQualifiedName(gate.string("conditionType"), at + ".conditionType", causes));
    Set<String> seen = new HashSet<>();
    each(
        spec.objs("schedulingGates"),
        path + ".schedulingGates",
        (gate, at) -> {
          Labels.checkQualifiedName(gate.string("name"), at, causes);
          if (!seen.add(gate.string("name"))) {
            causes.duplicate(at, gate.string("name"));
          }
        });
  }

  private static void hostAliases(List<Obj> aliases, String path, Causes causes) {
    each(
        aliases,
        path,
        (alias, at) -> {
          Checks.address(alias.string("ip"), at + ".ip", causes);
          List<String> names = alias.strings("hostnames");
          for (int i = 0; i < names.size(); i++) {
            Checks.name(NameRule.DNS_SUBDOMAIN, names.get(i), at + ".hostnames[" + i + "]", causes);
          }
        });
  }

  static void tolerations(List<Obj> tolerations, String path, Causes causes) {
    each(tolerations, path, (toleration, at) -> toleration(toleration, at, causes));
  }

  private static void toleration(Obj toleration, String at, Causes causes) {
    String operator = toleration.string("operator");
    String value = toleration.string("value");
    if (!toleration.string("key").isEmpty()) {
      Labels.checkQualifiedName(toleration.string("key"), at + ".key", causes);
    } else if (!operator.equals("Exists")) {
      causes.invalid(
          at + ".operator",
          operator,
          "operator must be Exists when `key` is empty, which means \"match all values and all"
              + " keys\"");
    }
    String effect = toleration.string("effect");
    if (toleration.has("tolerationSeconds") && !effect.equals("NoExecute")) {
      causes.invalid(
          at + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    switch (operator) {
      case "", "Equal" -> Labels.checkValue(value, at + ".operator", causes);
      case "Exists" -> {
        if (!value.isEmpty()) {
          causes.invalid(
              at + ".operator", value, "value must be empty when `operator` is 'Exists'");
        }
      }
      default -> causes.notSupported(at + ".operator", operator, List.of("Equal", "Exists"));
    }
    if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
      causes.notSupported(at + ".effect", effect, EFFECTS);
    }
  }

  /** A port of the host can be given once; on the host's own network it is the container's. */
  private static void hostPorts(Obj spec, String path, Causes causes) {
    Set<String> taken = new HashSet<>();
    each(
        spec.objs("containers"),
        path + ".containers",
        (container, at) ->
            each(
                container.objs("ports"),
                at + ".ports",
                (port, where) -> {
                  hostPort(port, where, taken, causes);
                  if (spec.flag("hostNetwork")) {
                    sameOnHost(port, where, causes);
                  }
                }));
  }

  private static void hostPort(Obj port, String at, Set<String> taken, Causes causes) {
    long hostPort = port.number("hostPort", 0);
    if (hostPort == 0) {
      return;
    }
    String claimed = port.string("protocol") + "/" + port.string("hostIP") + "/" + hostPort;
    if (!taken.add(claimed)) {
      causes.duplicate(at + ".hostPort", claimed);
    }
  }

  private static void sameOnHost(Obj port, String at, Causes causes) {
    long hostPort = port.number("hostPort", 0);
    if (hostPort != 0 && hostPort != port.number("containerPort", 0)) {
      causes.invalid(
          at + ".hostPort", hostPort, "must match `containerPort` when `hostNetwork` is true");
    }
  }

  private static void system(Obj spec, String path, Causes causes) {
    if (spec.has("os")) {
      Checks.oneOf(spec.obj("os"), "name", path + ".os", List.of("linux", "windows"), causes);
    }
    WindowsChecks.ofPod(spec, path, causes);
  }
}
