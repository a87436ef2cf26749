package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.NameRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to tell whoever makes a pod or a template of pods: what of it has no effect, is about to
 * have none, or is probably not meant so. Kubernetes' words. Pure.
 */
final class PodWarnings {
  private static final String NO_POD = ": a null labelSelector results in matching no pod";
  private static final Map<String, String> DEPRECATED =
      Map.of(
          "scheduler.alpha.kubernetes.io/critical-pod",
          "non-functional in v1.16+; use the \"priorityClassName\" field instead",
          "security.alpha.kubernetes.io/sysctls",
          "non-functional in v1.11+; use the \"sysctls\" field instead",
          "security.alpha.kubernetes.io/unsafe-sysctls",
          "non-functional in v1.11+; use the \"sysctls\" field instead");

  private PodWarnings() {}

  /** Of a new pod. */
  static List<String> ofPod(Obj pod) {
    List<String> warnings = new ArrayList<>();
    name(pod, "the Pod's hostname", warnings);
    warn(pod, "", warnings);
    profiles(pod, "", warnings);
    return warnings;
  }

  /**
   * Of a workload whose pods are called by its name, and of its template.
   *
   * @param existing the workload as it was; empty when it is new
   * @param path of the template, such as {@code spec.template}
   */
  static List<String> ofWorkload(Obj updated, Obj existing, String path) {
    List<String> warnings = new ArrayList<>();
    if (existing.isEmpty()) {
      name(updated, "Pod names and hostnames", warnings);
    }
    warnings.addAll(ofTemplate(updated, existing, path));
    return warnings;
  }

  private static void name(Obj object, String use, List<String> warnings) {
    NameRule.DNS_LABEL
        .complaint(object.obj("metadata").string("name"))
        .ifPresent(
            complaint ->
                warnings.add(
                    "metadata.name: this is used in "
                        + use
                        + ", which can result in surprising behavior; a DNS label is recommended: ["
                        + complaint
                        + "]"));
  }

  /**
   * Of the template in a new workload, or in one whose spec changes.
   *
   * @param existing the workload as it was; empty when it is new
   * @param path of the template, such as {@code spec.template}
   */
  static List<String> ofTemplate(Obj updated, Obj existing, String path) {
    List<String> warnings = new ArrayList<>();
    String[] keys = path.split("\\.", -1);
    if (!updated.obj(keys[0]).equals(existing.obj(keys[0]))) {
      warn(updated.at(keys), path + ".", warnings);
      profiles(updated.at(keys), path + ".", warnings);
    }
    return warnings;
  }

  private static void warn(Obj template, String prefix, List<String> warnings) {
    Obj spec = template.obj("spec");
    String path = prefix + "spec";
    DeprecatedNodeLabels.ofPod(spec, path, warnings);
    selectors(
        spec.objs("topologySpreadConstraints"), path + ".topologySpreadConstraints", warnings);
    annotations(template, prefix, warnings);
    VolumeWarnings.ofPod(spec, path, warnings);
    twice(spec.objs("hostAliases"), "ip", path + ".hostAliases", warnings);
    twice(spec.objs("imagePullSecrets"), "name", path + ".imagePullSecrets", warnings);
    Checks.each(
        spec.objs("imagePullSecrets"),
        path + ".imagePullSecrets",
        (secret, at) -> {
          if (secret.string("name").isEmpty()) {
            warnings.add(at + ".name: invalid empty name \"\"");
          }
        });
    for (String resource : List.of("memory", "ephemeral-storage")) {
      ContainerWarnings.fraction(spec.obj("overhead"), resource, path + ".overhead", warnings);
    }
    ContainerWarnings.ofPod(spec, path, warnings);
    if (spec.number("terminationGracePeriodSeconds", 0) < 0) {
      warnings.add(
          path
              + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will"
              + " be treated as 1");
    }
    affinity(spec.obj("affinity"), path + ".affinity", warnings);
  }

  private static void selectors(List<Obj> selecting, String path, List<String> warnings) {
    Checks.each(
        selecting,
        path,
        (each, at) -> {
          if (!each.has("labelSelector")) {
            warnings.add(at + ".labelSelector" + NO_POD);
          }
        });
  }

  private static void affinity(Obj affinity, String path, List<String> warnings) {
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      String at = path + "." + kind + ".";
      String required = "requiredDuringSchedulingIgnoredDuringExecution";
      selectors(affinity.obj(kind).objs(required), at + required, warnings);
      String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
      Checks.each(
          affinity.obj(kind).objs(preferred),
          at + preferred,
          (wish, where) -> {
            if (!wish.obj("podAffinityTerm").has("labelSelector")) {
              warnings.add(where + ".podAffinityTerm.labelSelector" + NO_POD);
            }
          });
    }
  }

  private static void twice(List<Obj> items, String key, String path, List<String> warnings) {
    Set<String> seen = new HashSet<>();
    Checks.each(
        items,
        path,
        (item, at) -> {
          String value = item.string(key);
          if (!seen.add(value)) {
            warnings.add(at + "." + key + ": duplicate " + key + " \"" + value + "\"");
          }
        });
  }

  private static void annotations(Obj template, String prefix, List<String> warnings) {
    Obj annotations = template.obj("metadata").obj("annotations");
    for (Obj.Entry annotation : annotations) {
      String advice = DEPRECATED.get(annotation.key());
      if (advice != null) {
        warnings.add(annotation(prefix, annotation.key()) + advice);
      }
    }
    Obj spec = template.obj("spec");
    seccomp(annotations, PodAnnotationChecks.SECCOMP_OF_POD, spec, prefix, warnings);
    for (PodContainers.Placed container : PodContainers.of(spec, prefix)) {
      seccomp(
          annotations,
          PodAnnotationChecks.SECCOMP + container.name(),
          container.tree(),
          prefix,
          warnings);
    }
  }

  private static String annotation(String prefix, String key) {
    return prefix + "metadata.annotations[" + key + "]: ";
  }

  private static void seccomp(
      Obj annotations, String key, Obj confined, String prefix, List<String> warnings) {
    if (annotations.has(key) && !confined.obj("securityContext").has("seccompProfile")) {
      warnings.add(
          annotation(prefix, key)
              + "non-functional in v1.27+; use the \"seccompProfile\" field instead");
    }
  }

  private static void profiles(Obj template, String prefix, List<String> warnings) {
    Obj annotations = template.obj("metadata").obj("annotations");
    Obj spec = template.obj("spec");
    if (spec.obj("securityContext").has("appArmorProfile")) {
      return;
    }
    for (PodContainers.Placed container : PodContainers.of(spec, prefix)) {
      String key = PodAnnotationChecks.APP_ARMOR + container.name();
      if (annotations.has(key) && !container.tree().obj("securityContext").has("appArmorProfile")) {
        warnings.add(
            annotation(prefix, key)
                + "deprecated since v1.30; use the \"appArmorProfile\" field instead");
      }
    }
  }
}
