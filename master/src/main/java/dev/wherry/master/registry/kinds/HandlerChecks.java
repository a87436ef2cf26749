package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * What a container's probes and hooks must be like. Immutable.
 *
 * @param graceSeconds how long the pod is waited for when it ends
 * @param system the operating system that the pod names; empty when it names none
 */
record HandlerChecks(long graceSeconds, String system, Causes causes) {
  static final List<String> PROBES = List.of("livenessProbe", "readinessProbe", "startupProbe");
  private static final List<String> OF_PROBES = List.of("exec", "httpGet", "tcpSocket", "grpc");
  private static final List<String> OF_HOOKS = List.of("exec", "httpGet", "tcpSocket", "sleep");
  private static final String HEADER = "[-A-Za-z0-9]+";

  void check(Obj container, String path) {
    for (String hook : List.of("postStart", "preStop")) {
      if (container.obj("lifecycle").has(hook)) {
        String at = path + ".lifecycle." + hook;
        handler(container.obj("lifecycle").obj(hook), at, OF_HOOKS);
      }
    }
    if (container.obj("lifecycle").has("stopSignal")) {
      stopSignal(container.obj("lifecycle").string("stopSignal"), path + ".lifecycle.stopSignal");
    }
    for (String probe : PROBES) {
      if (container.has(probe)) {
        probe(container.obj(probe), probe, path + "." + probe);
      }
    }
  }

  private void probe(Obj probe, String name, String path) {
    handler(probe, path, OF_PROBES);
    for (String key :
        List.of(
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold")) {
      Checks.notNegative(probe, key, path, causes);
    }
    String grace = "terminationGracePeriodSeconds";
    if (name.equals("readinessProbe")) {
      if (probe.has(grace)) {
        causes.invalid(
            path + "." + grace, probe.number(grace, 0), "must not be set for readinessProbes");
      }
      return;
    }
    Checks.positive(probe, grace, path, causes);
    long success = probe.number("successThreshold", 1);
    if (success != 1) {
      causes.invalid(path + ".successThreshold", success, "must be 1");
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
        continue;
      }
      first = kind;
    }
    Obj of = handler.obj(first);
    String at = path + "." + first;
    switch (first) {
      case "" -> causes.required(path, "must specify a handler type");
      case "exec" -> Checks.required(of, at, causes, "command");
      case "httpGet" -> {
        Checks.portOrName(of.get("port").orElse(0L), at + ".port", causes);
        Checks.oneOf(of, "scheme", at, List.of("HTTP", "HTTPS"), causes);
        headers(of, at);
      }
      case "sleep" -> {
        long seconds = of.number("seconds", 0);
        if (seconds < 0 || seconds > graceSeconds) {
          causes.invalid(
              at,
              seconds,
              "must be non-negative and less than terminationGracePeriodSeconds ("
                  + graceSeconds
                  + ")");
        }
      }
      default -> Checks.portOrName(of.get("port").orElse(0L), at + ".port", causes);
    }
  }

  private void stopSignal(String signal, String path) {
    if (system.isEmpty()) {
      causes.forbidden(path, "may not be set for containers with empty `spec.os.name`");
      return;
    }
    List<String> supported =
        system.equals("windows") ? StopSignals.OF_WINDOWS : StopSignals.OF_LINUX;
    if (!supported.contains(signal)) {
      causes.notSupported(path, signal, supported);
    }
  }

  private void headers(Obj get, String path) {
    for (Obj header : get.objs("httpHeaders")) {
      String name = header.string("name");
      if (!name.matches(HEADER)) {
        causes.invalid(
            path + ".httpHeaders",
            name,
            "a valid HTTP header must consist of alphanumeric characters or '-' (e.g."
                + " 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
      }
    }
  }
}
