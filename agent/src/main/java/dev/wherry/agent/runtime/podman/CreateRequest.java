package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Renders a {@link ContainerSpec} as the body of {@code POST /libpod/containers/create} (Podman's
 * SpecGenerator). Libpod's form and not the Docker-compatible one: only there a read-only root
 * covers {@code /tmp} and the image's hosts files stay untouched.
 */
final class CreateRequest {
  private CreateRequest() {}

  static Obj render(ContainerSpec spec, int lowestOomScoreAdj) {
    ContainerSpec.Process process = spec.process();
    Obj.Builder body =
        Obj.builder()
            .put("name", spec.identity().engineName())
            .put("image", spec.image())
            .put("labels", Labels.of(spec))
            .putUnlessEmpty("entrypoint", process.command())
            .putUnlessEmpty("command", process.args())
            .put("env", environment(process.env()))
            .putUnlessEmpty("work_dir", process.workingDir())
            .put("stdin", process.stdin())
            .put("terminal", process.tty())
            .put("systemd", "false")
            .put("httpproxy", false)
            .put("use_image_hosts", true)
            .put("use_image_resolve_conf", true)
            .put("mounts", mounts(spec.mounts()))
            .put(
                "log_configuration",
                Obj.of("driver", "k8s-file", "path", spec.logPath().toString()));
    if (!process.command().isEmpty() && process.args().isEmpty()) {
      // A pod's command takes the image's arguments away too.
      body.put("command", List.of());
    }
    namespaces(spec, body);
    security(spec.security(), body);
    limits(spec.limits(), lowestOomScoreAdj, body);
    return body.build();
  }

  private static Obj environment(List<String> env) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String each : env) {
      int equals = each.indexOf('=');
      variables.put(each.substring(0, equals), each.substring(equals + 1));
    }
    return Obj.of(variables);
  }

  private static List<Obj> mounts(List<ContainerSpec.Mount> mounts) {
    List<Obj> rendered = new ArrayList<>();
    for (ContainerSpec.Mount mount : mounts) {
      rendered.add(
          Obj.of(
              "type",
              "bind",
              "source",
              mount.source().toString(),
              "destination",
              mount.target(),
              "options",
              List.of("rbind", mount.readOnly() ? "ro" : "rw", mount.propagation())));
    }
    return rendered;
  }

  private static void namespaces(ContainerSpec spec, Obj.Builder body) {
    Optional<ContainerSpec.Namespaces> held = spec.namespaces();
    ContainerSpec.HostNamespaces host = spec.hostNamespaces();
    if (host.network()) {
      body.put("netns", Obj.of("nsmode", "host")).put("utsns", Obj.of("nsmode", "host"));
    } else if (held.isPresent()) {
      body.put("netns", path(held.get().network())).put("utsns", path(held.get().uts()));
    }
    if (host.ipc()) {
      body.put("ipcns", Obj.of("nsmode", "host"));
    } else {
      held.ifPresent(namespaces -> body.put("ipcns", path(namespaces.ipc())));
    }
    if (host.pid()) {
      body.put("pidns", Obj.of("nsmode", "host"));
    }
  }

  private static Obj path(java.nio.file.Path namespace) {
    return Obj.of("nsmode", "path", "value", namespace.toString());
  }

  private static void security(ContainerSpec.Security security, Obj.Builder body) {
    body.putUnlessEmpty("user", security.user())
        .putUnlessEmpty("groups", security.groups())
        .put("privileged", security.privileged())
        .put("read_only_filesystem", security.readOnlyRootFilesystem())
        .putUnlessEmpty("cap_add", security.addCapabilities())
        .putUnlessEmpty("cap_drop", security.dropCapabilities())
        .putUnlessEmpty("seccomp_profile_path", security.seccomp())
        .putUnlessEmpty("sysctl", Obj.of(security.sysctls()));
    if (!security.allowPrivilegeEscalation()) {
      body.put("no_new_privileges", true);
    }
  }

  private static void limits(ContainerSpec.Limits limits, int lowestOomScoreAdj, Obj.Builder body) {
    Obj.Builder cpu = Obj.builder().put("shares", limits.cpuShares());
    limits
        .cpuQuotaMicros()
        .ifPresent(quota -> cpu.put("quota", quota).put("period", ContainerSpec.CPU_PERIOD_MICROS));
    Obj.Builder resources = Obj.builder().put("cpu", cpu.build());
    limits
        .memoryBytes()
        .ifPresent(bytes -> resources.put("memory", Obj.of("limit", bytes, "swap", bytes)));
    body.put("resource_limits", resources.build())
        .put("oom_score_adj", Math.max(lowestOomScoreAdj, limits.oomScoreAdj()));
  }
}
