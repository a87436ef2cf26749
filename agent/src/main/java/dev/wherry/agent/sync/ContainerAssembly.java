package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.host.IpcNamespace;
import dev.wherry.agent.image.ImageAccounts;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerState;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.Namespaces;
import dev.wherry.agent.runtime.ContainerSpec.Users;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeFile;
import dev.wherry.agent.volume.VolumeGroups;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Brings together what a container is made of: its pod's namespaces and control group, variables,
 * mounts, devices. Methods block; thread-safe.
 */
record ContainerAssembly(
    ContainerRuntime runtime,
    DesiredState desired,
    Supplier<NodeFacts> node,
    PodDirectories directories,
    PodFiles files,
    LogStore logs,
    PodNetwork network,
    PodCgroups cgroups,
    PauseContainer pause,
    PodUsers users,
    DeviceSource devices,
    ContainerPolicy policy) {

  /** Makes ready all that the container needs; it is created and started by others. */
  ContainerSpec assemble(PodState state, ContainerView container, int attempt, Image image)
      throws IOException, InterruptedException {
    PodView pod = state.pod();
    String cgroupParent = cgroups.place(pod);
    if (!pod.hostUsers()) {
      holdUsers(pod, cgroupParent);
    }
    Optional<Namespaces> namespaces = namespaces(pod);
    ContainerPlan.Sharing sharing = sharing(state, container, namespaces, cgroupParent);
    Map<String, String> services =
        ServiceVariables.of(
            desired.all(Resource.SERVICES),
            pod.key().namespace(),
            pod.enableServiceLinks()
                ? ServiceVariables.Links.ALL
                : ServiceVariables.Links.MASTER_ONLY);
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    Map<String, String> variables =
        new Environment(
                pod,
                config,
                node.get(),
                state.ip(),
                services,
                (volume, path) ->
                    VolumeFile.read(directories.volume(pod.uid(), volume), path, EnvFile.MAX_BYTES))
            .of(container);
    ContainerPlan plan =
        new ContainerPlan(
            pod, directories, files.locations(pod), namespaces, sharing, cgroupParent, policy);
    ContainerSpec spec =
        plan.render(
            container,
            attempt,
            image,
            ContainerUser.of(
                pod,
                container,
                image,
                accounts(pod, container, image),
                VolumeGroups.of(pod, config)),
            variables,
            devices.give(pod, container));
    files.ready(spec, plan.stagings(container, variables));
    logs.prepare(spec);
    return spec;
  }

  /** A pod in the host's network has an IPC namespace of its own, as all have. */
  private Optional<Namespaces> namespaces(PodView pod) throws IOException, InterruptedException {
    if (!pod.hostNetwork()) {
      PodNetwork.Sandbox sandbox = network.create(pod.uid(), HostName.of(pod, node.get()).kernel());
      return Optional.of(new Namespaces(sandbox.network(), sandbox.ipc(), sandbox.uts()));
    }
    if (pod.hostIpc() || !pod.hostUsers() || !IpcNamespace.canBeMade()) {
      return Optional.empty();
    }
    Path ipc = directories.ipc(pod.uid());
    Files.createDirectories(ipc.getParent());
    IpcNamespace.ensure(ipc);
    Path own = Path.of("/proc/self/ns");
    return Optional.of(new Namespaces(own.resolve("net"), ipc, own.resolve("uts")));
  }

  private ImageAccounts accounts(PodView pod, ContainerView container, Image image)
      throws IOException {
    if (!ContainerUser.asksTheImage(pod, container, image)) {
      return ImageAccounts.NONE;
    }
    try {
      return ImageAccounts.read(runtime.layers(image.id()));
    } catch (EngineException e) {
      if (e.reason() == EngineException.Cause.REFUSED && !ContainerUser.isStrict(pod)) {
        return ImageAccounts.NONE; // files of this engine's images cannot be read
      }
      throw e;
    }
  }

  /**
   * The container that has the pod's own users; it comes before all others, and before the pod's
   * network, which is to belong to them.
   */
  String holdUsers(PodView pod, String cgroupParent) throws IOException {
    return pause.ensure(pod, Optional.empty(), users.ensure(pod.uid()), cgroupParent);
  }

  private ContainerPlan.Sharing sharing(
      PodState state, ContainerView container, Optional<Namespaces> namespaces, String cgroupParent)
      throws IOException {
    PodView pod = state.pod();
    if (!PauseContainer.isWanted(pod)) {
      return new ContainerPlan.Sharing(
          targetOf(state, container), new Users.Host(), Optional.empty());
    }
    String id =
        pod.hostUsers()
            ? pause.ensure(pod, namespaces, new Users.Host(), cgroupParent)
            : holdUsers(pod, cgroupParent);
    String processesOf = PauseContainer.sharesProcesses(pod) ? id : targetOf(state, container);
    if (pod.hostUsers()) {
      return new ContainerPlan.Sharing(processesOf, new Users.Host(), Optional.empty());
    }
    long process =
        pause
            .process(pod.uid())
            .orElseThrow(() -> new ConfigException("the container of the pod's users has ended"));
    return new ContainerPlan.Sharing(
        processesOf, new Users.Of(id), Optional.of(Path.of("/proc/" + process + "/ns/user")));
  }

  /** The container whose processes an ephemeral one is to see; empty: no other's. */
  private static String targetOf(PodState state, ContainerView container) throws ConfigException {
    String target = container.targetContainerName();
    if (target.isEmpty()) {
      return "";
    }
    return state
        .container(target)
        .flatMap(ContainerState::runningId)
        .orElseThrow(
            () -> new ConfigException("unable to find target container \"" + target + "\""));
  }
}
