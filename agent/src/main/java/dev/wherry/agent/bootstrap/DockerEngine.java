package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.EngineChoice;
import dev.wherry.agent.network.HeldNamespaces;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.docker.DockerRuntime;
import dev.wherry.agent.runtime.docker.DockerSandboxes;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Docker Engine, which somebody else runs and others may use too: what is this agent's is known by
 * a label.
 */
final class DockerEngine implements NodeEngine {
  private static final String HOLDER_IMAGE = "docker.io/wherry/pause:1";

  private final AgentOptions options;
  private final Path socket;
  private final DockerRuntime runtime;
  private final DockerSandboxes sandboxes;

  private DockerEngine(AgentOptions options, Path socket, HostAbilities host) {
    this.options = options;
    this.socket = socket;
    this.runtime =
        new DockerRuntime(
            socket,
            options.engineOwner(),
            HOLDER_IMAGE,
            host.lowestOomScoreAdj(),
            options.logs().maxFileBytes(),
            options.logs().maxFiles(),
            options.images().pullProgress());
    this.sandboxes = runtime.sandboxes();
  }

  static DockerEngine open(AgentOptions options, EngineChoice.Docker choice, HostAbilities host)
      throws IOException {
    DockerEngine engine = of(options, choice, host);
    engine.ensure();
    Files.write(options.engineFile(), Json.write(Obj.of("docker", choice.socket().toString())));
    engine.releaseStrayNamespaces();
    return engine;
  }

  /** Of which nobody asks yet that it answers. */
  static DockerEngine of(AgentOptions options, EngineChoice.Docker choice, HostAbilities host) {
    return new DockerEngine(options, choice.socket(), host);
  }

  /** The daemon that the last agent on these directories used, if it used one. */
  static Optional<EngineChoice.Docker> recorded(AgentOptions options) throws IOException {
    if (!Files.exists(options.engineFile())) {
      return Optional.empty();
    }
    try {
      Obj recorded = Json.read(Files.readAllBytes(options.engineFile()));
      return Optional.of(new EngineChoice.Docker(Path.of(recorded.string("docker"))));
    } catch (MalformedTreeException e) {
      throw new IOException(options.engineFile() + " does not say which engine was used", e);
    }
  }

  /** Containers that hold namespaces of pods whose sandbox a reboot took away. */
  private void releaseStrayNamespaces() throws IOException {
    for (PodUid pod : sandboxes.pods()) {
      if (!Files.isDirectory(NodeNetworking.sandboxes(options).resolve(pod.text()))
          && runtime.list(pod).stream().noneMatch(ContainerObservation::isRunning)) {
        sandboxes.release(pod);
      }
    }
  }

  @Override
  public DockerRuntime runtime() {
    return runtime;
  }

  @Override
  public EngineApi api() {
    return runtime.api();
  }

  @Override
  public PodNamespaces namespaces() {
    return new HeldNamespaces(
        new HeldNamespaces.Holder() {
          @Override
          public long hold(PodUid pod, String hostname) throws IOException {
            return sandboxes.hold(pod, hostname);
          }

          @Override
          public OptionalLong holder(PodUid pod) throws IOException {
            return sandboxes.holder(pod);
          }

          @Override
          public void release(PodUid pod) throws IOException {
            sandboxes.release(pod);
          }
        });
  }

  @Override
  public boolean usesSystemdCgroups() throws IOException {
    return runtime.usesSystemdCgroups();
  }

  @Override
  public void ensure() throws IOException {
    if (!runtime.answers()) {
      throw new IOException(
          "Cannot connect to the Docker daemon at unix://" + socket + ". Is it running?");
    }
  }

  @Override
  public Optional<ProcessHandle> process() {
    return Optional.empty();
  }

  @Override
  public void close() {
    runtime.close();
  }

  @Override
  public void purge() throws IOException {
    ensure();
    for (ContainerObservation each : runtime.list()) {
      runtime.remove(each.id());
    }
    for (PodUid pod : sandboxes.pods()) {
      sandboxes.release(pod);
    }
  }
}
