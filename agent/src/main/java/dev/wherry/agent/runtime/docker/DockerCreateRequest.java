package dev.wherry.agent.runtime.docker;

import dev.wherry.agent.cgroup.CpuShares;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.engine.ContainerLabels;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Renders a {@link ContainerSpec} as the body of {@code POST /containers/create} (Docker Engine API
 * v1.41). Pure.
 */
final class DockerCreateRequest {
  private DockerCreateRequest() {}

  /**
   * Its log's bound, which the engine keeps.
   *
   * @param maxBytes of a file
   */
  record LogBound(long maxBytes, int maxFiles) {}

  /**
   * @param owner whose it is
   * @param sandbox the container that holds the pod's namespaces, in the host's network that of IPC
   *     alone; empty where all are the host's or the container's own
   */
  static Obj render(
      ContainerSpec spec,
      String owner,
      Optional<String> sandbox,
      LogBound logs,
      int lowestOomScoreAdj) {
    ContainerSpec.Process process = spec.process();
    Obj.Builder body =
        Obj.builder()
            .put("Image", spec.image())
            .put("Labels", ContainerLabels.of(spec).with(ContainerLabels.OWNER, owner))
            .putUnlessEmpty("Entrypoint", process.command())
            .putUnlessEmpty("Cmd", process.args())
            .put("Env", process.env())
            .putUnlessEmpty("WorkingDir", process.workingDir())
            .putUnlessEmpty("User", spec.security().user())
            .put("OpenStdin", process.stdin())
            .put("StdinOnce", process.stdinOnce())
            .put("Tty", process.tty())
            .putUnlessEmpty("StopSignal", process.stopSignal())
            .put("HostConfig", host(spec, sandbox, logs, lowestOomScoreAdj));
    return body.build();
  }

  /** A container that does nothing but hold a pod's namespaces. */
  static Obj renderSandbox(String image, String hostname, Obj labels) {
    return Obj.of(
        "Image",
        image,
        "Hostname",
        hostname,
        "Labels",
        labels,
        "HostConfig",
        Obj.of(
            "NetworkMode",
            "none",
            "IpcMode",
            "shareable",
            "RestartPolicy",
            Obj.of("Name", "no"),
            "LogConfig",
            Obj.of("Type", "none"),
            "OomScoreAdj",
            0));
  }

  private static Obj host(
      ContainerSpec spec, Optional<String> sandbox, LogBound logs, int lowestOomScoreAdj) {
    ContainerSpec.Security security = spec.security();
    Obj.Builder host =
        Obj.builder()
            .put(
                "LogConfig",
                Obj.of(
                    "Type",
                    "json-file",
                    "Config",
                    Obj.of(
                        "max-size",
                        Long.toString(logs.maxBytes()),
                        "max-file",
                        Integer.toString(logs.maxFiles()))))
            .put("Mounts", mounts(spec.mounts()))
            .putUnlessEmpty("Devices", devices(spec.devices()))
            .putUnlessEmpty("DeviceRequests", cdi(spec.cdiDevices()))
            .put("Privileged", security.privileged())
            .put("ReadonlyRootfs", security.readOnlyRootFilesystem())
            .putUnlessEmpty("CapAdd", security.addCapabilities())
            .putUnlessEmpty("CapDrop", security.dropCapabilities())
            .putUnlessEmpty("GroupAdd", security.groups())
            .putUnlessEmpty("SecurityOpt", options(security))
            .putUnlessEmpty("Sysctls", Obj.of(security.sysctls()));
    if (security.procMount() == ContainerSpec.ProcMount.UNMASKED) {
      host.put("MaskedPaths", List.of()).put("ReadonlyPaths", List.of());
    }
    namespaces(spec, sandbox, host);
    limits(spec.limits(), lowestOomScoreAdj, host);
    return host.build();
  }

  private static List<Obj> mounts(List<ContainerSpec.Mount> mounts) {
    List<Obj> rendered = new ArrayList<>();
    for (ContainerSpec.Mount mount : mounts) {
      rendered.add(
          Obj.of(
              "Type",
              "bind",
              "Source",
              mount.source().toString(),
              "Target",
              mount.target(),
              "ReadOnly",
              mount.readOnly(),
              "BindOptions",
              Obj.of("Propagation", mount.propagation())));
    }
    return rendered;
  }

  /** Docker 25 and later; one before it refuses the driver by its name. */
  private static List<Obj> cdi(List<String> names) {
    return names.isEmpty() ? List.of() : List.of(Obj.of("Driver", "cdi", "DeviceIDs", names));
  }

  private static List<Obj> devices(List<ContainerSpec.Device> devices) {
    List<Obj> rendered = new ArrayList<>();
    for (ContainerSpec.Device each : devices) {
      rendered.add(
          Obj.of(
              "PathOnHost",
              each.source().toString(),
              "PathInContainer",
              each.target(),
              "CgroupPermissions",
              each.permissions()));
    }
    return rendered;
  }

  private static List<String> options(ContainerSpec.Security security) {
    List<String> options = new ArrayList<>();
    if (!security.allowPrivilegeEscalation()) {
      options.add("no-new-privileges");
    }
    if (security.seccomp().equals("unconfined")) {
      options.add("seccomp=unconfined");
    }
    if (!security.appArmor().isEmpty()) {
      options.add("apparmor=" + security.appArmor());
    }
    security.seLinux().forEach(each -> options.add("label=" + each));
    return options;
  }

  private static void namespaces(ContainerSpec spec, Optional<String> sandbox, Obj.Builder host) {
    ContainerSpec.HostNamespaces shared = spec.hostNamespaces();
    String held = sandbox.map(id -> "container:" + id).orElse("");
    host.put("NetworkMode", shared.network() ? "host" : held.isEmpty() ? "none" : held);
    if (shared.network()) {
      host.put("UTSMode", "host");
    }
    host.put("IpcMode", shared.ipc() ? "host" : held.isEmpty() ? "private" : held);
    if (shared.pid()) {
      host.put("PidMode", "host");
    } else if (!spec.processesOf().isEmpty()) {
      host.put("PidMode", "container:" + spec.processesOf());
    }
  }

  private static void limits(ContainerSpec.Limits limits, int lowestOomScoreAdj, Obj.Builder host) {
    host.put("CpuShares", limits.cpuShares());
    limits
        .cpuQuotaMicros()
        .ifPresent(quota -> host.put("CpuQuota", quota).put("CpuPeriod", CpuShares.PERIOD_MICROS));
    limits.memoryBytes().ifPresent(bytes -> host.put("Memory", bytes).put("MemorySwap", bytes));
    host.put("OomScoreAdj", Math.max(lowestOomScoreAdj, limits.oomScoreAdj()))
        .putUnlessEmpty("CgroupParent", limits.cgroupParent());
  }

  /** The body of {@code POST /containers/ID/update}: what is not bounded is set free. */
  static Obj update(ContainerSpec.Limits limits) {
    long bytes = limits.memoryBytes().orElse(-1);
    return Obj.of(
        "CpuShares",
        limits.cpuShares(),
        "CpuPeriod",
        CpuShares.PERIOD_MICROS,
        "CpuQuota",
        limits.cpuQuotaMicros().orElse(-1),
        "Memory",
        bytes,
        "MemorySwap",
        bytes);
  }
}
