package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a container's environment must be like, and what refers to fields of its pod. Pure. */
final class EnvironmentChecks {
  private static final Pattern VARIABLE = Pattern.compile("[ -<>-~]+");
  private static final Pattern SUBSCRIPT = Pattern.compile("(.+)\\['(.*)'\\]");
  private static final List<String> FIELDS_OF_VARIABLES =
      List.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");
  private static final List<String> FIELDS_OF_FILES =
      List.of(
          "metadata.annotations",
          "metadata.labels",
          "metadata.name",
          "metadata.namespace",
          "metadata.uid");
  private static final List<String> RESOURCES =
      List.of(
          "limits.cpu",
          "limits.ephemeral-storage",
          "limits.memory",
          "requests.cpu",
          "requests.ephemeral-storage",
          "requests.memory");

  private EnvironmentChecks() {}

  static void check(Obj container, String path, Causes causes) {
    List<Obj> variables = container.objs("env");
    for (int i = 0; i < variables.size(); i++) {
      Obj variable = variables.get(i);
      String at = path + ".env[" + i + "]";
      if (variable.string("name").isEmpty()) {
        causes.required(at + ".name", "");
      } else {
        name(variable.string("name"), at + ".name", causes);
      }
      if (variable.has("valueFrom")) {
        valueFrom(variable, at + ".valueFrom", causes);
      }
    }
    List<Obj> sources = container.objs("envFrom");
    for (int i = 0; i < sources.size(); i++) {
      from(sources.get(i), path + ".envFrom", i, causes);
    }
  }

  private static void name(String name, String path, Causes causes) {
    if (!VARIABLE.matcher(name).matches()) {
      causes.invalid(
          path,
          name,
          "a valid environment variable name must consist only of printable ASCII characters"
              + " other than '='");
    }
  }

  private static void from(Obj source, String list, int index, Causes causes) {
    String at = list + "[" + index + "]";
    if (!source.string("prefix").isEmpty()) {
      name(source.string("prefix"), at + ".prefix", causes);
    }
    int kinds = 0;
    for (String kind : List.of("configMapRef", "secretRef")) {
      if (source.has(kind)) {
        kinds++;
        Checks.name(
            NameRule.DNS_SUBDOMAIN,
            source.obj(kind).string("name"),
            at + "." + kind + ".name",
            causes);
      }
    }
    if (kinds == 0) {
      causes.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
    } else if (kinds > 1) {
      causes.invalid(list, "", "may not have more than one field specified at a time");
    }
  }

  private static void valueFrom(Obj variable, String path, Causes causes) {
    Obj source = variable.obj("valueFrom");
    if (source.has("fieldRef")) {
      field(source.obj("fieldRef"), FIELDS_OF_VARIABLES, path + ".fieldRef", causes);
    }
    if (source.has("resourceFieldRef")) {
      resourceField(source.obj("resourceFieldRef"), path + ".resourceFieldRef", causes);
    }
    for (String reference : List.of("configMapKeyRef", "secretKeyRef")) {
      if (source.has(reference)) {
        Obj of = source.obj(reference);
        String at = path + "." + reference;
        NameRule.DNS_SUBDOMAIN
            .complaint(of.string("name"))
            .ifPresent(complaint -> causes.invalid(at + ".name", of.string("name"), complaint));
        if (of.string("key").isEmpty()) {
          causes.required(at + ".key", "");
        } else {
          KeyedBytes.checkKey(of.string("key"), at + ".key", causes);
        }
      }
    }
    if (source.has("fileKeyRef")) {
      fileKey(source.obj("fileKeyRef"), path + ".fileKeyRef", causes);
    }
    if (source.isEmpty()) {
      causes.invalid(
          path,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef`"
              + " or `fileKeyRef`");
    } else if (!variable.string("value").isEmpty()) {
      causes.invalid(path, "", "may not be specified when `value` is not empty");
    } else if (source.size() > 1) {
      causes.invalid(path, "", "may not have more than one field specified at a time");
    }
  }

  /** A variable from a file of the pod's own, which a container before wrote. */
  private static void fileKey(Obj reference, String path, Causes causes) {
    Checks.required(reference, path, causes, "key", "volumeName", "path");
    if (!reference.string("key").isEmpty()) {
      name(reference.string("key"), path + ".key", causes);
    }
    if (!reference.string("volumeName").isEmpty()) {
      Checks.name(NameRule.DNS_LABEL, reference.string("volumeName"), path + ".volumeName", causes);
    }
    Checks.noBacksteps(reference.string("path"), path + ".path", causes);
  }

  /** Where the variables of a pod's containers come from files, those lie in its own volumes. */
  static void filesOfPod(Obj spec, String path, Causes causes) {
    Map<String, Obj> volumes = new HashMap<>();
    spec.objs("volumes").forEach(volume -> volumes.put(volume.string("name"), volume));
    for (PodContainers.Placed container : PodContainers.of(spec, path)) {
      Checks.each(
          container.tree().objs("env"),
          container.path() + ".env",
          (variable, at) -> fileOfPod(variable, at, volumes, causes));
    }
  }

  private static void fileOfPod(
      Obj variable, String path, Map<String, Obj> volumes, Causes causes) {
    if (!variable.obj("valueFrom").has("fileKeyRef")) {
      return;
    }
    String name = variable.at("valueFrom", "fileKeyRef").string("volumeName");
    String at = path + ".valueFrom.fileKeyRef.volumeName";
    Obj volume = volumes.get(name);
    if (volume == null) {
      causes.add(Cause.notFound(at, name));
    } else if (!volume.has("emptyDir")) {
      causes.invalid(at, name, "referenced volume must be of type emptyDir");
    }
  }

  /** The field of a pod that a file of a downward API volume shows. */
  static void fieldOfFile(Obj reference, String path, Causes causes) {
    field(reference, FIELDS_OF_FILES, path, causes);
  }

  private static void field(Obj reference, List<String> known, String path, Causes causes) {
    String field = reference.string("fieldPath");
    Matcher subscript = SUBSCRIPT.matcher(field);
    if (field.isEmpty()) {
      causes.required(path + ".fieldPath", "");
    } else if (subscript.matches()) {
      switch (subscript.group(1)) {
        case "metadata.annotations" ->
            Labels.checkQualifiedName(subscript.group(2).toLowerCase(Locale.ROOT), path, causes);
        case "metadata.labels" -> Labels.checkQualifiedName(subscript.group(2), path, causes);
        default -> causes.invalid(path, subscript.group(1), "does not support subscript");
      }
    } else if (!known.contains(field)) {
      causes.notSupported(path + ".fieldPath", field, known);
    }
  }

  /** The amount of a container's resources that a variable or file shows. */
  static void resourceField(Obj reference, String path, Causes causes) {
    String resource = reference.string("resource");
    boolean pages = resource.matches("(limits|requests)\\.hugepages-.*");
    if (resource.isEmpty()) {
      causes.required(path + ".resource", "");
    } else if (!RESOURCES.contains(resource) && !pages) {
      causes.notSupported(path + ".resource", resource, RESOURCES);
    }
    String divisor = reference.string("divisor");
    if (divisor.isEmpty() || divisor.equals("0")) {
      return;
    }
    if (resource.endsWith(".cpu")) {
      if (!divisor.matches("1m?")) {
        causes.invalid(
            path + ".divisor",
            resource,
            "only divisor's values 1m and 1 are supported with the cpu resource");
      }
    } else if (!divisor.matches("1(k|[KMGTPE]i|[MGTPE])?")) {
      String what = resource.endsWith("-storage") ? "local ephemeral storage" : "memory";
      causes.invalid(
          path + ".divisor",
          resource,
          "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are"
              + " supported with the "
              + (pages ? "hugepages" : what)
              + " resource");
    }
  }
}
