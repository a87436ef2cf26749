package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.cgroup.CpuShares;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.engine.ContainerLabels;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
            .put("labels", ContainerLabels.of(spec))
            .putUnlessEmpty("entrypoint", process.command())
            .putUnlessEmpty("command", process.args())
            .put("env", environment(process.env()))
            .putUnlessEmpty("work_dir", process.workingDir())
            .put("create_working_dir", true) // as every engine under a kubelet does
            .put("stdin", process.stdin())
            .put("terminal", process.tty())
            .putUnlessEmpty(
                "annotations",
                process.stdinOnce() ? Obj.of(ConmonScript.STDIN_ONCE, "true") : Obj.EMPTY)
            .put("systemd", "false")
            .put("httpproxy", false)
            .put("use_image_hosts", true)
            .put("use_image_resolve_conf", true)
            .put("mounts", mounts(spec.mounts()))
            .putUnlessEmpty("devices", devices(spec))
            .put(
                "log_configuration",
                Obj.of("driver", "k8s-file", "path", spec.logPath().toString()));
    if (!process.command().isEmpty() && process.args().isEmpty()) {
      // A pod's command takes the image's arguments away too.
      body.put("command", List.of());
    }
    StopSignal.number(process.stopSignal()).ifPresent(each -> body.put("stop_signal", each));
    users(spec.users(), body);
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

  private static List<Obj> devices(ContainerSpec spec) {
    List<Obj> rendered = new ArrayList<>();
    for (ContainerSpec.Device each : spec.devices()) {
      rendered.add(Obj.of("path", each.source() + ":" + each.target() + ":" + each.permissions()));
    }
    spec.cdiDevices().forEach(each -> rendered.add(Obj.of("path", each)));
    return rendered;
  }

  private static void users(ContainerSpec.Users users, Obj.Builder body) {
    switch (users) {
      case ContainerSpec.Users.Host _ -> {
        // As the engine does by itself.
      }
      case ContainerSpec.Users.Own(long first) -> {
        Obj ids =
            Obj.of("container_id", 0, "host_id", first, "size", ContainerSpec.Users.Own.COUNT);
        body.put("userns", Obj.of("nsmode", "private"))
            .put(
                "idmappings",
                Obj.of(
                    "HostUIDMapping",
                    false,
                    "HostGIDMapping",
                    false,
                    "UIDMap",
                    List.of(ids),
                    "GIDMap",
                    List.of(ids)))
            .put("netns", Obj.of("nsmode", "none"))
            .put("ipcns", Obj.of("nsmode", "private"))
            .put("utsns", Obj.of("nsmode", "private"));
      }
      case ContainerSpec.Users.Of(String id) ->
          body.put("userns", Obj.of("nsmode", "container", "value", id));
    }
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
    } else if (!spec.processesOf().isEmpty()) {
      body.put("pidns", Obj.of("nsmode", "container", "value", spec.processesOf()));
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
        .putUnlessEmpty("sysctl", Obj.of(security.sysctls()))
        .putUnlessEmpty("apparmor_profile", security.appArmor())
        .putUnlessEmpty("selinux_opts", security.seLinux());
    if (security.procMount() == ContainerSpec.ProcMount.UNMASKED) {
      body.put("unmask", List.of("ALL"));
    }
    if (!security.allowPrivilegeEscalation()) {
      body.put("no_new_privileges", true);
    }
  }

  private static void limits(ContainerSpec.Limits limits, int lowestOomScoreAdj, Obj.Builder body) {
    Obj.Builder resources =
        Obj.builder().put("cpu", cpu(limits.cpuShares(), limits.cpuQuotaMicros()));
    limits
        .memoryBytes()
        .ifPresent(bytes -> resources.put("memory", Obj.of("limit", bytes, "swap", bytes)));
    List<Obj> hugePages = new ArrayList<>();
    limits
        .hugePages()
        .forEach((size, bytes) -> hugePages.add(Obj.of("pageSize", size, "limit", bytes)));
    // Podman's own member "unified" beside resource_limits is lost on its way to the OCI runtime.
    resources
        .putUnlessEmpty("hugepageLimits", hugePages)
        .putUnlessEmpty("unified", Obj.of(limits.unified()));
    body.put("resource_limits", resources.build())
        .put("oom_score_adj", Math.max(lowestOomScoreAdj, limits.oomScoreAdj()))
        .putUnlessEmpty("cgroup_parent", limits.cgroupParent());
  }

  private static Obj cpu(long shares, OptionalLong quotaMicros) {
    Obj.Builder cpu = Obj.builder().put("shares", shares);
    quotaMicros.ifPresent(quota -> cpu.put("quota", quota).put("period", CpuShares.PERIOD_MICROS));
    return cpu.build();
  }

  /** The body of {@code POST /libpod/containers/ID/update}: what is not bounded is set free. */
  static Obj update(ContainerSpec.Limits limits) {
    OptionalLong quota = OptionalLong.of(limits.cpuQuotaMicros().orElse(-1));
    Obj.Builder resources = Obj.builder().put("cpu", cpu(limits.cpuShares(), quota));
    long bytes = limits.memoryBytes().orElse(-1);
    return resources.put("memory", Obj.of("limit", bytes, "swap", bytes)).build();
  }
}
