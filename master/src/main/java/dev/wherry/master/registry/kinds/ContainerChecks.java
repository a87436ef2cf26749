package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.kinds.SecurityChecks.HostUsers;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the containers of one pod must be like. Confined to one thread.
 *
 * @param pod the pod's spec
 * @param volumes the names of its volumes
 * @param claims the names of its resource claims
 * @param names of the containers seen so far
 */
record ContainerChecks(
    Obj pod, Set<String> volumes, Set<String> claims, Set<String> names, Causes causes) {
  private static final String NOT_INIT =
      "may not be set for init containers without restartPolicy=Always";
  private static final String NOT_EPHEMERAL = "cannot be set for an Ephemeral Container";
  private static final List<String> OF_WORKERS =
      List.of(
          "ports",
          "resources",
          "resizePolicy",
          "restartPolicy",
          "restartPolicyRules",
          "livenessProbe",
          "readinessProbe",
          "startupProbe",
          "lifecycle");

  private HandlerChecks handlers() {
    return new HandlerChecks(
        pod.number("terminationGracePeriodSeconds", Long.MAX_VALUE),
        pod.obj("os").string("name"),
        causes);
  }

  void check(Obj container, String path) {
    checkAny(container, path);
    handlers().check(container, path);
    RestartChecks.check(container, path, causes);
  }

  void checkInit(Obj container, String path) {
    checkAny(container, path);
    String policy = container.string("restartPolicy");
    if (policy.equals("Always")) {
      handlers().check(container, path);
      RestartChecks.check(container, path, causes);
      return;
    }
    RestartChecks.check(container, path, causes);
    resizedWithoutRestart(container, path + ".resizePolicy");
    for (String key : List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.has(key)) {
        causes.forbidden(path + "." + key, NOT_INIT);
      }
    }
  }

  /** A step before the pod's containers is not started a second time. */
  private void resizedWithoutRestart(Obj container, String path) {
    Checks.each(
        container.objs("resizePolicy"),
        path,
        (policy, at) -> {
          if (policy.string("restartPolicy").equals("RestartContainer")) {
            causes.invalid(
                at + ".restartPolicy",
                "RestartContainer",
                "must not be set to 'RestartContainer' for non-sidecar initContainers");
          }
        });
  }

  /** One that is put into a running pod, beside the container that it targets. */
  void checkEphemeral(Obj container, String path, Set<String> targets) {
    checkAny(container, path);
    imageWithoutSpaces(container, path, causes);
    String target = container.string("targetContainerName");
    if (!target.isEmpty() && !targets.contains(target)) {
      causes.add(Cause.notFound(path + ".targetContainerName", target));
    }
    for (String key : OF_WORKERS) {
      boolean given =
          !container.list(key).isEmpty()
              || !container.obj(key).isEmpty()
              || !container.string(key).isEmpty();
      if (given) {
        causes.forbidden(path + "." + key, NOT_EPHEMERAL);
      }
    }
    List<Obj> mounts = container.objs("volumeMounts");
    for (int i = 0; i < mounts.size(); i++) {
      for (String key : List.of("subPath", "subPathExpr")) {
        if (!mounts.get(i).string(key).isEmpty()) {
          causes.forbidden(path + ".volumeMounts[" + i + "]." + key, NOT_EPHEMERAL);
        }
      }
    }
  }

  /** What containers of every sort have in common. */
  private void checkAny(Obj container, String path) {
    String name = container.string("name");
    Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
    if (!name.isEmpty() && !names.add(name)) {
      causes.duplicate(path + ".name", name);
    }
    Checks.required(container, path, causes, "image");
    Checks.oneOf(
        container,
        "terminationMessagePolicy",
        path,
        List.of("File", "FallbackToLogsOnError"),
        causes);
    ports(container.objs("ports"), path + ".ports");
    EnvironmentChecks.check(container, path, causes);
    new VolumeUseChecks(pod, volumes, causes).check(container, path);
    Checks.oneOf(
        container, "imagePullPolicy", path, List.of("Always", "IfNotPresent", "Never"), causes);
    ResourceChecks.check(container.obj("resources"), path + ".resources", claims, causes);
    ResourceChecks.resizePolicy(
        container, path + ".resizePolicy", pod.string("restartPolicy"), causes);
    SecurityChecks.ofContainer(
        container.obj("securityContext"),
        path + ".securityContext",
        pod.flag("hostUsers", true) ? HostUsers.SHARED : HostUsers.OWN,
        causes);
  }

  /** In a pod; a template's image may be filled in later. */
  static void imageWithoutSpaces(Obj container, String path, Causes causes) {
    String image = container.string("image");
    if (!image.equals(image.strip())) {
      causes.invalid(path + ".image", image, "must not have leading or trailing whitespace");
    }
  }

  private void ports(List<Obj> ports, String path) {
    Set<String> portNames = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Obj port = ports.get(i);
      String at = path + "[" + i + "]";
      String name = port.string("name");
      if (!name.isEmpty()) {
        Checks.portName(name, at + ".name", causes);
        if (!portNames.add(name)) {
          causes.duplicate(at + ".name", name);
        }
      }
      if (port.number("containerPort", 0) == 0) {
        causes.required(at + ".containerPort", "");
      } else {
        Checks.port(port.number("containerPort", 0), at + ".containerPort", causes);
      }
      if (port.number("hostPort", 0) != 0) {
        Checks.port(port.number("hostPort", 0), at + ".hostPort", causes);
      }
      Checks.oneOf(port, "protocol", at, List.of("SCTP", "TCP", "UDP"), causes);
    }
  }
}
