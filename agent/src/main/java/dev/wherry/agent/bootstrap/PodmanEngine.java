package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.EngineChoice;
import dev.wherry.agent.image.RegistriesFile;
import dev.wherry.agent.network.HeldNamespaces;
import dev.wherry.agent.network.NamespacesByUsers;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.runtime.podman.PodmanRuntime;
import dev.wherry.agent.runtime.podman.PodmanService;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Podman, by a service of the agent's own or somebody else's. */
final class PodmanEngine implements NodeEngine {
  private final Optional<PodmanService> service;
  private final PodmanRuntime runtime;
  private final PodDirectories directories;
  private final HostAbilities host;

  private PodmanEngine(
      HostAbilities host,
      Optional<PodmanService> service,
      PodmanRuntime runtime,
      PodDirectories directories) {
    this.host = host;
    this.service = service;
    this.runtime = runtime;
    this.directories = directories;
  }

  static PodmanEngine open(AgentOptions options, HostAbilities host)
      throws IOException, InterruptedException {
    PodmanEngine engine = of(options, host, RegistriesFile.read(options.registriesFiles()));
    engine.ensure();
    return engine;
  }

  /** Whether a Podman of the agent's own has run on these directories. */
  static boolean wasUsed(AgentOptions options) {
    return Files.isDirectory(options.dataDir().resolve("podman"));
  }

  /** Of which nobody asks yet that it answers. */
  static PodmanEngine of(AgentOptions options, HostAbilities host) {
    return of(options, host, RegistrySettings.NONE);
  }

  private static PodmanEngine of(
      AgentOptions options, HostAbilities host, RegistrySettings registries) {
    Duration patience = options.images().pullProgress();
    int lowestOomScore = host.lowestOomScoreAdj();
    PodDirectories directories = NodeComposition.directories(options);
    if (options.engine() instanceof EngineChoice.SharedPodman(Path socket, Path exits)) {
      PodmanRuntime runtime = new PodmanRuntime(socket, exits, lowestOomScore, patience);
      return new PodmanEngine(host, Optional.empty(), runtime, directories);
    }
    PodmanService service =
        new PodmanService(options.dataDir(), options.runDir(), host, registries);
    return new PodmanEngine(
        host,
        Optional.of(service),
        new PodmanRuntime(service, lowestOomScore, patience),
        directories);
  }

  @Override
  public PodmanRuntime runtime() {
    return runtime;
  }

  @Override
  public EngineApi api() {
    return runtime.api();
  }

  @Override
  public PodNamespaces namespaces() {
    return new NamespacesByUsers(
        pod -> Files.exists(directories.users(pod)),
        new HeldNamespaces.Holder() {
          @Override
          public long hold(PodUid pod, String hostname) throws IOException {
            return pauseOf(pod)
                .orElseThrow(() -> new IOException("no container holds the users of pod " + pod))
                .pid();
          }

          @Override
          public OptionalLong holder(PodUid pod) throws IOException {
            return pauseOf(pod).stream().mapToLong(ContainerObservation::pid).findFirst();
          }

          @Override
          public void release(PodUid pod) {
            // It goes with the pod's other containers.
          }
        });
  }

  private Optional<ContainerObservation> pauseOf(PodUid pod) throws IOException {
    return runtime.list(pod).stream()
        .filter(each -> each.name().equals(Identity.PAUSE))
        .filter(ContainerObservation::isRunning)
        .findFirst();
  }

  @Override
  public boolean usesSystemdCgroups() {
    return host.systemdCgroups();
  }

  @Override
  public void ensure() throws IOException, InterruptedException {
    if (service.isPresent()) {
      service.get().ensure();
    }
  }

  @Override
  public Optional<ProcessHandle> process() {
    return service.flatMap(PodmanService::process);
  }

  @Override
  public void close() {
    runtime.close();
  }

  @Override
  public void purge() throws IOException, InterruptedException {
    if (service.isPresent()) {
      service.get().purge();
    }
  }
}
