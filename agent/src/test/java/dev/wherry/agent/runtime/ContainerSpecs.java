package dev.wherry.agent.runtime;

import dev.wherry.agent.runtime.ContainerSpec.HostNamespaces;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.agent.runtime.ContainerSpec.ProcMount;
import dev.wherry.agent.runtime.ContainerSpec.Process;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.agent.runtime.ContainerSpec.Users;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Plain containers for tests: {@code app} of the pod {@code ns/web}, in the host's network. */
public final class ContainerSpecs {
  private ContainerSpecs() {}

  public static ContainerSpec of(String image, PodUid uid, Path log) {
    return of(image, uid, 0, List.of("sh"), log);
  }

  public static ContainerSpec of(
      String image, PodUid uid, int attempt, List<String> command, Path log) {
    return new ContainerSpec(
        new Identity(new ObjectKey("ns", "web"), uid, "app", attempt, "web:1"),
        image,
        new Process(command, List.of(), List.of("A=b"), "", false, false, false, ""),
        Optional.empty(),
        new HostNamespaces(true, false, false),
        new Users.Host(),
        "",
        List.of(),
        List.of(),
        List.of(),
        new Security(
            "",
            List.of(),
            false,
            true,
            false,
            List.of(),
            List.of(),
            "",
            Map.of(),
            "",
            ProcMount.DEFAULT,
            List.of()),
        new Limits(OptionalLong.empty(), 2, OptionalLong.empty(), 1000, Map.of(), "", Map.of()),
        log);
  }

  /** The same container with these bounds. */
  public static ContainerSpec bounded(ContainerSpec spec, Limits limits) {
    return with(spec, spec.process(), limits);
  }

  /** The same container whose first process begins in this directory. */
  public static ContainerSpec workingIn(ContainerSpec spec, String directory) {
    Process process = spec.process();
    return with(
        spec,
        new Process(
            process.command(),
            process.args(),
            process.env(),
            directory,
            process.stdin(),
            process.stdinOnce(),
            process.tty(),
            process.stopSignal()),
        spec.limits());
  }

  private static ContainerSpec with(ContainerSpec spec, Process process, Limits limits) {
    return new ContainerSpec(
        spec.identity(),
        spec.image(),
        process,
        spec.namespaces(),
        spec.hostNamespaces(),
        spec.users(),
        spec.processesOf(),
        spec.mounts(),
        spec.devices(),
        spec.cdiDevices(),
        spec.security(),
        limits,
        spec.logPath());
  }

  /** The same container in its pod's own namespaces, for an engine that knows itself where. */
  public static ContainerSpec inNamespaces(ContainerSpec spec) {
    return inNamespaces(spec, new HostNamespaces(false, false, false));
  }

  /** The same container in the host's network and its pod's IPC namespace. */
  public static ContainerSpec inHostNetwork(ContainerSpec spec) {
    return inNamespaces(spec, new HostNamespaces(true, false, false));
  }

  private static ContainerSpec inNamespaces(ContainerSpec spec, HostNamespaces host) {
    Path held = Path.of("/held/by/the/engine");
    return new ContainerSpec(
        spec.identity(),
        spec.image(),
        spec.process(),
        Optional.of(new ContainerSpec.Namespaces(held, held, held)),
        host,
        spec.users(),
        spec.processesOf(),
        spec.mounts(),
        spec.devices(),
        spec.cdiDevices(),
        spec.security(),
        spec.limits(),
        spec.logPath());
  }
}
