package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a pod's spec must be like, alone or in a template (Kubernetes: ValidatePodSpec). Pure. */
final class PodSpecChecks {
  private static final List<String> EFFECTS =
      List.of("NoSchedule", "PreferNoSchedule", "NoExecute");
  private static final List<String> SYSTEMS = List.of("linux", "windows");

  private PodSpecChecks() {}

  /** The labels, annotations and spec of a template. */
  static void template(Obj template, String path, Causes causes) {
    Obj metadata = template.obj("metadata");
    Obj spec = template.obj("spec");
    Labels.check(metadata, path + ".labels", causes);
    for (Obj.Entry annotation : metadata.obj("annotations")) {
      Labels.checkQualifiedName(
          annotation.key().toLowerCase(Locale.ROOT), path + ".annotations", causes);
    }
    PodAnnotationChecks.check(metadata, spec, path + ".annotations", causes);
    check(spec, path + ".spec", causes);
    PodAnnotationChecks.checkProfiles(metadata, spec, path + ".spec", causes);
    if (!spec.list("ephemeralContainers").isEmpty()) {
      causes.forbidden(
          path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
    }
  }

  static void check(Obj spec, String path, Causes causes) {
    Set<String> volumes = volumes(spec, path + ".volumes", causes);
    Set<String> claims = ClaimChecks.ofPod(spec, path, causes);
    containers(spec, path, new ContainerChecks(spec, volumes, claims, new HashSet<>(), causes));
    PodResourceChecks.check(spec, path, causes);
    PodNetworkChecks.check(spec, path, causes);
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
    gates(spec, path, causes);
    AffinityChecks.spread(
        spec.objs("topologySpreadConstraints"), path + ".topologySpreadConstraints", causes);
    names(spec, path, causes);
    if (spec.has("activeDeadlineSeconds")) {
      Checks.withinRange(spec, "activeDeadlineSeconds", path, 1, Integer.MAX_VALUE, causes);
    }
    tolerations(spec.objs("tolerations"), path + ".tolerations", causes);
    Checks.oneOfIfAny(
        spec, "preemptionPolicy", path, List.of("PreemptLowerPriority", "Never"), causes);
    ResourceChecks.check(
        Obj.of("limits", spec.obj("overhead")), path + ".overhead", Set.of(), causes);
    system(spec, path, causes);
    EnvironmentChecks.filesOfPod(spec, path, causes);
  }

  private static void containers(Obj spec, String path, ContainerChecks checks) {
    if (spec.objs("containers").isEmpty()) {
      checks.causes().required(path + ".containers", "");
    }
    Checks.each(spec.objs("containers"), path + ".containers", checks::check);
    Checks.each(spec.objs("initContainers"), path + ".initContainers", checks::checkInit);
    Set<String> targets = Set.copyOf(checks.names());
    Checks.each(
        spec.objs("ephemeralContainers"),
        path + ".ephemeralContainers",
        (container, at) -> checks.checkEphemeral(container, at, targets));
  }

  /** The names of the volumes that can be used: nothing is mounted from a wrong one. */
  private static Set<String> volumes(Obj spec, String path, Causes causes) {
    Set<String> names = new HashSet<>();
    Checks.each(
        spec.objs("volumes"),
        path,
        (volume, at) -> {
          String name = volume.string("name");
          Causes complaints = new Causes();
          VolumeSourceChecks.check(volume.without("name"), at, complaints);
          Checks.name(NameRule.DNS_LABEL, name, at + ".name", complaints);
          if (names.contains(name)) {
            complaints.duplicate(at + ".name", name);
          }
          if (complaints.isEmpty()) {
            names.add(name);
          }
          complaints.list().forEach(causes::add);
        });
    return names;
  }

  private static void names(Obj spec, String path, Causes causes) {
    for (String key :
        List.of("serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(key), path + "." + key, causes);
      }
    }
  }

  private static void gates(Obj spec, String path, Causes causes) {
    Checks.each(
        spec.objs("readinessGates"),
        path + ".readinessGates",
        (gate, at) ->
            Labels.checkQualifiedName(gate.string("conditionType"), at + ".conditionType", causes));
    Set<String> seen = new HashSet<>();
    Checks.each(
        spec.objs("schedulingGates"),
        path + ".schedulingGates",
        (gate, at) -> {
          Labels.checkQualifiedName(gate.string("name"), at, causes);
          if (!seen.add(gate.string("name"))) {
            causes.duplicate(at, gate.string("name"));
          }
        });
  }

  static void tolerations(List<Obj> tolerations, String path, Causes causes) {
    Checks.each(tolerations, path, (toleration, at) -> toleration(toleration, at, causes));
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

  private static void system(Obj spec, String path, Causes causes) {
    if (spec.has("os")) {
      String name = spec.obj("os").string("name");
      if (name.isEmpty()) {
        causes.required(path + ".os.name", "");
      } else if (!SYSTEMS.contains(name)) {
        causes.notSupported(path + ".os", name, SYSTEMS);
      }
    }
    WindowsChecks.ofPod(spec, path, causes);
  }
}
