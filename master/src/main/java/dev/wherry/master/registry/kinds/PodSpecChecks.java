package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a pod's spec must be like, alone or in a template (Kubernetes: ValidatePodSpec). Pure. */
final class PodSpecChecks {
  private static final Set<String> VOLUME_META = Set.of("name");

  private PodSpecChecks() {}

  static void check(Obj spec, String path, Causes causes) {
    Set<String> volumes = volumes(spec, path + ".volumes", causes);
    List<Obj> containers = spec.objs("containers");
    if (containers.isEmpty()) {
      causes.required(path + ".containers", "");
    }
    Set<String> names = new HashSet<>();
    ContainerChecks checks = new ContainerChecks(volumes, names, causes);
    for (int i = 0; i < containers.size(); i++) {
      checks.check(containers.get(i), path + ".containers[" + i + "]");
    }
    List<Obj> inits = spec.objs("initContainers");
    for (int i = 0; i < inits.size(); i++) {
      checks.checkInit(inits.get(i), path + ".initContainers[" + i + "]");
    }
    ephemeral(spec, path, checks, causes);
    Checks.oneOf(spec, "restartPolicy", path, List.of("Always", "OnFailure", "Never"), causes);
    Checks.oneOf(
        spec,
        "dnsPolicy",
        path,
        List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        causes);
    if (spec.string("dnsPolicy").equals("None")
        && spec.obj("dnsConfig").list("nameservers").isEmpty()) {
      causes.required(
          path + ".dnsConfig.nameservers",
          "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    Checks.notNegative(spec, "terminationGracePeriodSeconds", path, causes);
    Checks.positive(spec, "activeDeadlineSeconds", path, causes);
    Labels.checkMap(spec.obj("nodeSelector"), path + ".nodeSelector", causes);
    names(spec, path, causes);
    tolerations(spec.objs("tolerations"), path + ".tolerations", causes);
    hostPorts(spec, path, causes);
  }

  private static void ephemeral(Obj spec, String path, ContainerChecks checks, Causes causes) {
    List<Obj> ephemeral = spec.objs("ephemeralContainers");
    if (!ephemeral.isEmpty() && path.contains("template")) {
      causes.forbidden(
          path + ".ephemeralContainers", "ephemeral containers not allowed in pod template");
      return;
    }
    Set<String> targets = new HashSet<>();
    spec.objs("containers").forEach(each -> targets.add(each.string("name")));
    spec.objs("initContainers").forEach(each -> targets.add(each.string("name")));
    for (int i = 0; i < ephemeral.size(); i++) {
      checks.checkEphemeral(ephemeral.get(i), path + ".ephemeralContainers[" + i + "]", targets);
    }
  }

  private static void names(Obj spec, String path, Causes causes) {
    for (String key : List.of("hostname", "subdomain")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, spec.string(key), path + "." + key, causes);
      }
    }
    for (String key : List.of("serviceAccountName", "nodeName", "priorityClassName")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(key), path + "." + key, causes);
      }
    }
  }

  private static Set<String> volumes(Obj spec, String path, Causes causes) {
    Set<String> names = new HashSet<>();
    List<Obj> volumes = spec.objs("volumes");
    for (int i = 0; i < volumes.size(); i++) {
      Obj volume = volumes.get(i);
      String at = path + "[" + i + "]";
      String name = volume.string("name");
      Checks.name(NameRule.DNS_LABEL, name, at + ".name", causes);
      if (!name.isEmpty() && !names.add(name)) {
        causes.duplicate(at + ".name", name);
      }
      String first = "";
      for (Obj.Entry source : volume) {
        if (VOLUME_META.contains(source.key())) {
          continue;
        }
        if (!first.isEmpty()) {
          causes.forbidden(at + "." + source.key(), "may not specify more than 1 volume type");
        }
        first = source.key();
      }
      if (first.isEmpty()) {
        causes.required(at, "must specify a volume type");
      }
      source(volume, at, causes);
    }
    return names;
  }

  private static void source(Obj volume, String path, Causes causes) {
    if (volume.has("configMap") && volume.obj("configMap").string("name").isEmpty()) {
      causes.required(path + ".configMap.name", "");
    }
    if (volume.has("secret") && volume.obj("secret").string("secretName").isEmpty()) {
      causes.required(path + ".secret.secretName", "");
    }
    if (volume.has("hostPath")) {
      String host = volume.obj("hostPath").string("path");
      if (host.isEmpty()) {
        causes.required(path + ".hostPath.path", "");
      } else if (List.of(host.split("/", -1)).contains("..")) {
        causes.invalid(path + ".hostPath.path", host, "must not contain '..'");
      }
    }
    if (volume.has("persistentVolumeClaim")
        && volume.obj("persistentVolumeClaim").string("claimName").isEmpty()) {
      causes.required(path + ".persistentVolumeClaim.claimName", "");
    }
    Optional<Object> limit = volume.obj("emptyDir").get("sizeLimit");
    if (limit.isPresent()) {
      Optional<Quantity> _ = Checks.quantity(limit.get(), path + ".emptyDir.sizeLimit", causes);
    }
  }

  private static void tolerations(List<Obj> tolerations, String path, Causes causes) {
    for (int i = 0; i < tolerations.size(); i++) {
      Obj toleration = tolerations.get(i);
      String at = path + "[" + i + "]";
      String operator = toleration.string("operator", "Equal");
      if (!toleration.string("key").isEmpty()) {
        Labels.checkQualifiedName(toleration.string("key"), at + ".key", causes);
      } else if (!operator.equals("Exists")) {
        causes.invalid(
            at + ".operator",
            operator,
            "operator must be Exists when `key` is empty, which means \"match all values and all"
                + " keys\"");
      }
      if (!operator.isEmpty() && !List.of("Equal", "Exists").contains(operator)) {
        causes.notSupported(at + ".operator", operator, List.of("Equal", "Exists"));
      }
      if (operator.equals("Exists") && !toleration.string("value").isEmpty()) {
        causes.invalid(
            at + ".operator",
            toleration.string("value"),
            "value must be empty when `operator` is 'Exists'");
      }
      String effect = toleration.string("effect");
      if (toleration.has("tolerationSeconds") && !effect.equals("NoExecute")) {
        causes.invalid(
            at + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
      } else if (!effect.isEmpty()
          && !List.of("NoSchedule", "PreferNoSchedule", "NoExecute").contains(effect)) {
        causes.notSupported(
            at + ".effect", effect, List.of("NoSchedule", "PreferNoSchedule", "NoExecute"));
      }
    }
  }

  /** A port of the host can be given once; on the host's own network it is the container's. */
  private static void hostPorts(Obj spec, String path, Causes causes) {
    Set<String> taken = new HashSet<>();
    List<Obj> containers = spec.objs("containers");
    for (int i = 0; i < containers.size(); i++) {
      List<Obj> ports = containers.get(i).objs("ports");
      for (int j = 0; j < ports.size(); j++) {
        long hostPort = ports.get(j).number("hostPort", 0);
        String at = path + ".containers[" + i + "].ports[" + j + "]";
        if (hostPort == 0) {
          continue;
        }
        String claimed =
            ports.get(j).string("protocol") + "/" + ports.get(j).string("hostIP") + "/" + hostPort;
        if (!taken.add(claimed)) {
          causes.duplicate(at + ".hostPort", claimed);
        }
        if (spec.flag("hostNetwork") && hostPort != ports.get(j).number("containerPort", 0)) {
          causes.invalid(
              at + ".containerPort",
              ports.get(j).number("containerPort", 0),
              "must match `hostPort` when `hostNetwork` is true");
        }
      }
    }
  }
}
