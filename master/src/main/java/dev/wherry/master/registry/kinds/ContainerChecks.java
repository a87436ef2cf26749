package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the containers of one pod must be like. Confined to one thread.
 *
 * @param volumes the names of the pod's volumes
 * @param names of the containers seen so far
 */
record ContainerChecks(Set<String> volumes, Set<String> names, Causes causes) {
  private static final Pattern VARIABLE = Pattern.compile("[ -<>-~]+");
  private static final List<String> HANDLERS = List.of("exec", "httpGet", "tcpSocket", "grpc");
  private static final List<String> NOT_EPHEMERAL =
      List.of(
          "ports",
          "livenessProbe",
          "readinessProbe",
          "startupProbe",
          "lifecycle",
          "resources",
          "resizePolicy");
  private static final List<String> PROBES =
      List.of("livenessProbe", "readinessProbe", "startupProbe");

  void checkInit(Obj container, String path) {
    check(container, path);
    boolean sidecar = container.string("restartPolicy").equals("Always");
    if (container.has("restartPolicy") && !sidecar) {
      causes.notSupported(
          path + ".restartPolicy", container.string("restartPolicy"), List.of("Always"));
    }
    for (String probe : PROBES) {
      if (container.has(probe) && !sidecar) {
        causes.forbidden(
            path + "." + probe, "may not be set for init containers without restartPolicy=Always");
      }
    }
  }

  /** One that is put into a running pod, beside the container that it targets. */
  void checkEphemeral(Obj container, String path, Set<String> targets) {
    check(container, path);
    String target = container.string("targetContainerName");
    if (!target.isEmpty() && !targets.contains(target)) {
      causes.add(Cause.notFound(path + ".targetContainerName", target));
    }
    for (String key : NOT_EPHEMERAL) {
      if (!container.list(key).isEmpty() || !container.obj(key).isEmpty()) {
        causes.forbidden(path + "." + key, "cannot be set for an Ephemeral Container");
      }
    }
  }

  void check(Obj container, String path) {
    String name = container.string("name");
    Checks.name(NameRule.DNS_LABEL, name, path + ".name", causes);
    if (!name.isEmpty() && !names.add(name)) {
      causes.duplicate(path + ".name", name);
    }
    image(container, path);
    Checks.oneOf(
        container, "imagePullPolicy", path, List.of("Always", "IfNotPresent", "Never"), causes);
    Checks.oneOf(
        container,
        "terminationMessagePolicy",
        path,
        List.of("FallbackToLogsOnError", "File"),
        causes);
    ports(container.objs("ports"), path + ".ports");
    environment(container.objs("env"), path + ".env");
    mounts(container.objs("volumeMounts"), path + ".volumeMounts");
    resources(container.obj("resources"), path + ".resources");
    for (String probe : PROBES) {
      if (container.has(probe)) {
        probe(container.obj(probe), path + "." + probe);
        long success = container.obj(probe).number("successThreshold", 1);
        if (success != 1 && !probe.equals("readinessProbe")) {
          causes.invalid(path + "." + probe + ".successThreshold", success, "must be 1");
        }
      }
    }
    for (String hook : List.of("postStart", "preStop")) {
      if (container.obj("lifecycle").has(hook)) {
        handler(
            container.obj("lifecycle").obj(hook),
            path + ".lifecycle." + hook,
            List.of("exec", "httpGet", "tcpSocket", "sleep"));
      }
    }
  }

  private void image(Obj container, String path) {
    String image = container.string("image");
    if (image.isEmpty()) {
      causes.required(path + ".image", "");
    } else if (!image.equals(image.strip())) {
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
      if (!port.has("containerPort")) {
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

  private void environment(List<Obj> variables, String path) {
    for (int i = 0; i < variables.size(); i++) {
      Obj variable = variables.get(i);
      String at = path + "[" + i + "]";
      String name = variable.string("name");
      if (name.isEmpty()) {
        causes.required(at + ".name", "");
      } else if (!VARIABLE.matcher(name).matches()) {
        causes.invalid(
            at + ".name",
            name,
            "a valid environment variable name must consist only of printable ASCII characters"
                + " other than '='");
      }
      if (variable.has("valueFrom")) {
        valueFrom(variable, at + ".valueFrom");
      }
    }
  }

  private void valueFrom(Obj variable, String path) {
    Obj source = variable.obj("valueFrom");
    if (source.isEmpty()) {
      causes.invalid(
          path,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or"
              + " `secretKeyRef`");
    } else if (!variable.string("value").isEmpty()) {
      causes.invalid(path, "", "may not be specified when `value` is not empty");
    } else if (source.size() > 1) {
      causes.invalid(path, "", "may not have more than one field specified at a time");
    }
    for (String reference : List.of("configMapKeyRef", "secretKeyRef")) {
      if (source.has(reference)) {
        for (String key : List.of("name", "key")) {
          if (source.obj(reference).string(key).isEmpty()) {
            causes.required(path + "." + reference + "." + key, "");
          }
        }
      }
    }
    if (source.has("fieldRef") && source.obj("fieldRef").string("fieldPath").isEmpty()) {
      causes.required(path + ".fieldRef.fieldPath", "");
    }
  }

  private void mounts(List<Obj> mounts, String path) {
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < mounts.size(); i++) {
      Obj mount = mounts.get(i);
      String at = path + "[" + i + "]";
      String name = mount.string("name");
      if (name.isEmpty()) {
        causes.required(at + ".name", "");
      } else if (!volumes.contains(name)) {
        causes.add(Cause.notFound(at + ".name", name));
      }
      String mountPath = mount.string("mountPath");
      if (mountPath.isEmpty()) {
        causes.required(at + ".mountPath", "");
      } else if (!paths.add(mountPath)) {
        causes.invalid(at + ".mountPath", mountPath, "must be unique");
      }
      for (String key : List.of("subPath", "subPathExpr")) {
        String sub = mount.string(key);
        if (sub.startsWith("/")) {
          causes.invalid(at + "." + key, sub, "must be a relative path");
        } else if (List.of(sub.split("/", -1)).contains("..")) {
          causes.invalid(at + "." + key, sub, "must not contain '..'");
        }
      }
    }
  }

  private void resources(Obj resources, String path) {
    Obj limits = resources.obj("limits");
    for (Obj.Entry limit : limits) {
      Labels.checkQualifiedName(limit.key(), path + ".limits." + limit.key(), causes);
      Optional<Quantity> _ =
          Checks.quantity(limit.value(), path + ".limits." + limit.key(), causes);
    }
    for (Obj.Entry request : resources.obj("requests")) {
      String at = path + ".requests." + request.key();
      Labels.checkQualifiedName(request.key(), at, causes);
      Optional<Quantity> asked = Checks.quantity(request.value(), at, causes);
      Optional<Quantity> limit =
          limits.get(request.key()).flatMap(value -> Checks.quantity(value, at, new Causes()));
      if (asked.isPresent() && limit.isPresent() && asked.get().compareTo(limit.get()) > 0) {
        causes.invalid(
            path + ".requests",
            request.value(),
            "must be less than or equal to "
                + request.key()
                + " limit of "
                + limits.get(request.key()).orElse(""));
      }
    }
  }

  private void probe(Obj probe, String path) {
    handler(probe, path, HANDLERS);
    for (String key :
        List.of(
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold")) {
      Checks.notNegative(probe, key, path, causes);
    }
  }

  private void handler(Obj handler, String path, List<String> kinds) {
    String first = "";
    for (String kind : kinds) {
      if (!handler.has(kind)) {
        continue;
      }
      if (!first.isEmpty()) {
        causes.forbidden(path + "." + kind, "may not specify more than 1 handler type");
      }
      first = kind;
    }
    Obj of = handler.obj(first);
    switch (first) {
      case "" -> causes.required(path, "must specify a handler type");
      case "exec" -> {
        if (of.list("command").isEmpty()) {
          causes.required(path + ".exec.command", "");
        }
      }
      case "httpGet", "tcpSocket", "grpc" ->
          Checks.portOrName(of.get("port").orElse(0L), path + "." + first + ".port", causes);
      default -> {}
    }
    if (first.equals("httpGet")) {
      Checks.oneOf(of, "scheme", path + ".httpGet", List.of("HTTP", "HTTPS"), causes);
    }
  }
}
