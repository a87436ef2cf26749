package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.Failure;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.Namespaces;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what pods' state machines want. Methods block; thread-safe. */
final class PodEffects {
  private static final Logger log = LoggerFactory.getLogger(PodEffects.class);
  private static final Duration LOOK_AFTER_KILL = Duration.ofMillis(500);

  private final ContainerRuntime runtime;
  private final Images images;
  private final PodNetwork network;
  private final PodDirectories directories;
  private final PodFiles files;
  private final ProbeExecutor hooks;
  private final DesiredState desired;
  private final Supplier<NodeFacts> node;
  private final Reports reports;
  private final Credentials credentials;
  private final Semaphore starts;
  private final Runnable engineLost;

  /**
   * @param engineLost told when the engine does not answer; must not block
   * @param maxStarts containers being made and started at a time
   */
  PodEffects(
      ContainerRuntime runtime,
      PodNetwork network,
      PodDirectories directories,
      DesiredState desired,
      Supplier<NodeFacts> node,
      Reports reports,
      Runnable engineLost,
      int maxStarts) {
    this.runtime = runtime;
    this.images = new Images(runtime);
    this.network = network;
    this.directories = directories;
    this.files = new PodFiles(directories, new VolumeApplier(directories), desired, node);
    this.hooks = new ProbeExecutor(runtime);
    this.desired = desired;
    this.node = node;
    this.reports = reports;
    this.credentials = new Credentials(desired);
    this.engineLost = engineLost;
    this.starts = new Semaphore(maxStarts, true);
  }

  /** What happened; empty where the effect answers nothing or something else tells. */
  Optional<PodEvent> run(PodState state, Effect effect, PodEvents events)
      throws InterruptedException {
    PodView pod = state.pod();
    try {
      return switch (effect) {
        case Effect.Prepare _ -> Optional.of(prepare(pod));
        case Effect.Start start -> Optional.of(start(state, start, events));
        case Effect.Terminate terminate -> terminate(state, terminate, events);
        case Effect.Kill kill -> kill(kill.id());
        case Effect.RemoveContainer remove -> remove(remove.id());
        case Effect.ReleaseSandbox _ -> release(pod.uid());
        case Effect.CleanUp _ -> Optional.of(cleanUp(pod));
        case Effect.ReportGone _ -> {
          reports.podGone(pod.key(), pod.uid());
          yield Optional.empty();
        }
        case Effect.Record record -> {
          events.record(record);
          yield Optional.empty();
        }
      };
    } catch (IOException e) {
      // The relist finds what was not done.
      noticeLoss(e);
      log.warn("pod {}: {}: {}", pod.key(), effect, e.toString());
      return Optional.empty();
    }
  }

  private void noticeLoss(IOException e) {
    if (e instanceof EngineException engine && engine.reason() == Cause.UNREACHABLE) {
      engineLost.run();
    }
  }

  private PodEvent prepare(PodView pod) throws InterruptedException {
    String ip = node.get().address();
    try {
      if (!pod.hostNetwork()) {
        ip = network.create(pod.uid(), Environment.hostname(pod)).address().getHostAddress();
      }
    } catch (IOException e) {
      return new PodEvent.PrepareFailed(
          "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
    }
    try {
      files.prepare(pod, ip);
      return new PodEvent.Prepared(ip);
    } catch (IOException e) {
      return new PodEvent.PrepareFailed("FailedMount", String.valueOf(e.getMessage()));
    }
  }

  /** Makes objects' files follow their objects. */
  void refreshVolumes(PodState state) throws InterruptedException {
    try {
      files.volumes(state.pod(), state.ip());
    } catch (IOException e) {
      log.warn("pod {}: cannot refresh volumes: {}", state.pod().key(), e.getMessage());
    }
  }

  private PodEvent start(PodState state, Effect.Start start, PodEvents events)
      throws InterruptedException {
    ContainerView container = state.spec(start.container());
    Failure.Stage stage = Failure.Stage.IMAGE;
    String reason = "";
    try {
      Image image =
          images.ensure(
              container.image(),
              container.imagePullPolicy(),
              credentials.of(state.pod(), container.image()),
              events.images(container.name()));
      stage = Failure.Stage.CONFIG;
      reason = "CreateContainerConfigError";
      ContainerSpec spec = spec(state, container, start.attempt(), image);
      starts.acquire();
      try {
        stage = Failure.Stage.CREATE;
        reason = "CreateContainerError";
        String id = runtime.create(spec);
        stage = Failure.Stage.START;
        reason = "StartError";
        ContainerObservation seen = started(id);
        return new PodEvent.Started(container.name(), withMessage(seen));
      } finally {
        starts.release();
      }
    } catch (Images.ImageException e) {
      return failed(container, Failure.Stage.IMAGE, e.reason(), e);
    } catch (EngineException e) {
      noticeLoss(e);
      return failed(
          container, e.reason() == Cause.UNREACHABLE ? Failure.Stage.ENGINE : stage, reason, e);
    } catch (IOException e) {
      return failed(container, stage, reason, e);
    }
  }

  /** Starts a container; one that cannot be started is removed, nobody would look for it. */
  private ContainerObservation started(String id) throws EngineException {
    try {
      runtime.start(id);
    } catch (EngineException e) {
      if (e.reason() != Cause.UNREACHABLE) {
        runtime.remove(id);
      }
      throw e;
    }
    return runtime
        .inspect(id)
        .orElseThrow(
            () -> new EngineException(Cause.NO_SUCH_CONTAINER, "container " + id + " is gone"));
  }

  private static PodEvent failed(
      ContainerView container, Failure.Stage stage, String reason, IOException e) {
    return new PodEvent.StartFailed(
        container.name(), new Failure(stage, reason, String.valueOf(e.getMessage())));
  }

  private ContainerSpec spec(PodState state, ContainerView container, int attempt, Image image)
      throws IOException, InterruptedException {
    PodView pod = state.pod();
    Optional<Namespaces> namespaces = Optional.empty();
    if (!pod.hostNetwork()) {
      PodNetwork.Sandbox sandbox = network.create(pod.uid(), Environment.hostname(pod));
      namespaces = Optional.of(new Namespaces(sandbox.network(), sandbox.ipc(), sandbox.uts()));
    }
    Map<String, String> services =
        ServiceVariables.of(
            desired.all(Resource.SERVICES),
            pod.key().namespace(),
            pod.enableServiceLinks()
                ? ServiceVariables.Links.ALL
                : ServiceVariables.Links.MASTER_ONLY);
    Map<String, String> variables =
        new Environment(
                pod,
                ConfigSource.of(desired, pod.key().namespace()),
                node.get(),
                state.ip(),
                services)
            .of(container);
    ContainerSpec spec =
        new ContainerPlan(
                pod, directories, files.locations(pod), namespaces, node.get().memoryBytes())
            .render(container, attempt, image, variables);
    files.ready(spec);
    return spec;
  }

  private Optional<PodEvent> terminate(PodState state, Effect.Terminate terminate, PodEvents events)
      throws IOException {
    ContainerView container = state.spec(terminate.container());
    if (container.preStop().isPresent()) {
      Handler hook = container.preStop().get();
      ProbeExecutor.Result result =
          hooks.run(hook, container, terminate.id(), state.ip(), terminate.grace());
      if (result.verdict() == PodEvent.Verdict.FAILURE) {
        events.record(
            new Effect.Record(
                Effect.Type.WARNING, "FailedPreStopHook", "PreStopHook failed", container.name()));
      }
    }
    runtime.terminate(terminate.id());
    return Optional.empty();
  }

  private Optional<PodEvent> kill(String id) throws IOException, InterruptedException {
    runtime.kill(id);
    // Its end is told by conmon; where that went unseen, a look now beats the next relist.
    Thread.sleep(LOOK_AFTER_KILL);
    return exited(id);
  }

  /** The container's end, if it has ended. */
  Optional<PodEvent> exited(String id) throws EngineException {
    return runtime
        .inspect(id)
        .filter(seen -> seen.phase() == ContainerObservation.Phase.EXITED)
        .map(seen -> new PodEvent.Exited(withMessage(seen)));
  }

  /** As {@link #exited}, for one that was seen to end; where the engine is lost a relist looks. */
  Optional<PodEvent> look(String id) {
    try {
      return exited(id);
    } catch (EngineException e) {
      log.warn("container {}: {}", id, e.getMessage());
      noticeLoss(e);
      return Optional.empty();
    }
  }

  private ContainerObservation withMessage(ContainerObservation seen) {
    if (seen.isRunning() || !seen.message().isEmpty()) {
      return seen;
    }
    return seen.withMessage(files.terminationMessage(seen, desired));
  }

  private Optional<PodEvent> remove(String id) throws IOException {
    Optional<ContainerObservation> seen = runtime.inspect(id);
    runtime.remove(id);
    if (seen.isPresent() && !seen.get().logPath().isEmpty()) {
      Files.deleteIfExists(Path.of(seen.get().logPath()));
    }
    return Optional.empty();
  }

  private Optional<PodEvent> release(PodUid uid) throws IOException, InterruptedException {
    network.remove(uid);
    return Optional.empty();
  }

  private PodEvent cleanUp(PodView pod) throws InterruptedException {
    try {
      cleanUp(pod.uid());
      VolumeApplier.deleteTree(directories.logs(pod.key(), pod.uid()));
      return new PodEvent.CleanedUp();
    } catch (IOException e) {
      return new PodEvent.CleanUpFailed(String.valueOf(e.getMessage()));
    }
  }

  /** Removes all that there is of a pod but its logs: containers first, the sandbox last. */
  void cleanUp(PodUid uid) throws IOException, InterruptedException {
    for (ContainerObservation each : runtime.list()) {
      if (each.podUid().equals(uid)) {
        runtime.remove(each.id());
      }
    }
    network.remove(uid);
    files.remove(uid);
  }

  Optional<String> sandboxIp(PodView pod) throws InterruptedException {
    if (pod.hostNetwork()) {
      return Optional.of(node.get().address());
    }
    try {
      return network.find(pod.uid()).map(sandbox -> sandbox.address().getHostAddress());
    } catch (IOException e) {
      log.warn("pod {}: cannot look at its sandbox: {}", pod.key(), e.getMessage());
      return Optional.empty();
    }
  }
}
