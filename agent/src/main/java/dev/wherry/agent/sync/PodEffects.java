package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.host.Uptime;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.Failure;
import dev.wherry.agent.pod.PodEvent.Hook;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.PodTokens;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what pods' state machines want. Methods block; thread-safe. */
final class PodEffects {
  private static final Logger log = LoggerFactory.getLogger(PodEffects.class);

  /** Kubernetes sets no bound; a hook that takes longer than this will never end. */
  private static final Duration LONGEST_POST_START = Duration.ofDays(1);

  private final ContainerRuntime runtime;
  private final Images images;
  private final PodNetwork network;
  private final PodFiles files;
  private final LogStore logs;
  private final ProbeExecutor hooks;
  private final Supplier<NodeFacts> node;
  private final Reports reports;
  private final Credentials credentials;
  private final ImageVolumes imageVolumes;
  private final PodCgroups cgroups;
  private final DeviceSource devices;
  private final PauseContainer pause;
  private final Semaphore starts;

  /** Fair, so that of many pods that go at once the first has gone long before the last. */
  private final Semaphore cleanUps;

  private final ContainerAssembly assembly;
  private final ContainerEnds ends;
  private final ContainerResize resizes;
  private final Room room;
  private final Runnable engineLost;

  /** The node's own word on what pods may have of it. */
  interface Room {
    /** {@link PodEvent.Allocated} or {@link PodEvent.NotAllocated}. */
    PodEvent allocate(PodView wanted);
  }

  /**
   * @param engineLost told when the engine does not answer; must not block
   */
  PodEffects(
      ContainerRuntime runtime,
      PodNetwork network,
      PodSync.Settings settings,
      DesiredState desired,
      Reports reports,
      Room room,
      Runnable engineLost) {
    this.runtime = runtime;
    this.room = room;
    this.resizes = new ContainerResize(runtime, settings.cgroups(), settings.policy());
    this.images = settings.images();
    this.network = network;
    PodDirectories directories = settings.directories();
    this.node = settings.node();
    this.files =
        new PodFiles(
            directories,
            new VolumeApplier(directories),
            desired,
            node,
            new PodTokens(directories, settings.tokens(), Uptime.SYSTEM));
    this.logs = new LogStore(directories.logs(), directories.data());
    this.hooks = new ProbeExecutor(runtime);
    this.reports = reports;
    this.credentials = new Credentials(desired);
    this.imageVolumes =
        new ImageVolumes(runtime, images, credentials, new ImageMounts(directories));
    this.cgroups = settings.cgroups();
    this.devices = settings.devices();
    this.pause = new PauseContainer(runtime, directories);
    this.engineLost = engineLost;
    this.starts = new Semaphore(settings.maxStarts(), true);
    this.cleanUps = new Semaphore(settings.maxStarts(), true);
    this.assembly =
        new ContainerAssembly(
            runtime,
            desired,
            node,
            directories,
            files,
            logs,
            network,
            cgroups,
            pause,
            new PodUsers(directories),
            devices,
            settings.policy());
    this.ends = new ContainerEnds(runtime, files, desired);
  }

  /** Makes ready for pods; before the first of them. */
  void open() throws IOException, InterruptedException {
    files.open();
  }

  /** What happened; empty where the effect answers nothing or something else tells. */
  Optional<PodEvent> run(PodState state, Effect effect, PodEvents events)
      throws InterruptedException {
    PodView pod = state.pod();
    try {
      return switch (effect) {
        case Effect.Prepare _ -> Optional.of(prepare(pod, events));
        case Effect.Start start -> Optional.of(start(state, start, events));
        case Effect.Allocate ask -> Optional.of(room.allocate(ask.wanted()));
        case Effect.Resize resize -> Optional.of(resizes.run(state, resize));
        case Effect.PostStart hook -> postStart(state, hook);
        case Effect.PreStop hook -> preStop(state, hook);
        case Effect.Terminate terminate -> {
          runtime.terminate(terminate.id());
          yield Optional.empty();
        }
        case Effect.Kill kill -> ends.kill(kill.id());
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

  private PodEvent prepare(PodView pod, PodEvents events) throws InterruptedException {
    String ip = node.get().address();
    try {
      String cgroupParent = cgroups.place(pod);
      if (!pod.hostUsers()) {
        holdUsers(pod, cgroupParent);
      }
      if (!pod.hostNetwork()) {
        String host = HostName.of(pod, node.get()).kernel();
        ip = network.create(pod.uid(), host).address().getHostAddress();
      }
    } catch (IOException e) {
      return new PodEvent.PrepareFailed(
          "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
    }
    try {
      for (String each : files.prepare(pod, ip)) {
        events.record(new Effect.Record(Effect.Type.WARNING, "DNSConfigForming", each, ""));
      }
      return new PodEvent.Prepared(ip);
    } catch (IOException e) {
      return new PodEvent.PrepareFailed("FailedMount", String.valueOf(e.getMessage()));
    }
  }

  private void holdUsers(PodView pod, String cgroupParent) throws IOException {
    if (!runtime.mapsUsers()) {
      throw new IOException(
          "containers on " + runtime.name() + " have no users of their own (hostUsers: false)");
    }
    assembly.holdUsers(pod, cgroupParent);
  }

  /** Whether volumes of the pod want to be looked at though no object of theirs has changed. */
  boolean volumesAreDue(PodState state) {
    try {
      return files.isDue(state.pod());
    } catch (IOException e) {
      log.warn("pod {}: cannot look at its volumes: {}", state.pod().key(), e.toString());
      return false;
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
    List<String> missing = credentials.missing(state.pod());
    if (!missing.isEmpty()) {
      events.missingPullSecrets(missing);
    }
    try {
      imageVolumes.mount(state.pod(), container, events.images(container.name()));
      Image image =
          images.ensure(
              container.image(),
              container.imagePullPolicy(),
              credentials.of(state.pod(), container.image()),
              events.images(container.name()));
      stage = Failure.Stage.CONFIG;
      reason = "CreateContainerConfigError";
      ContainerSpec spec = assembly.assemble(state, container, start.attempt(), image);
      starts.acquire();
      try {
        stage = Failure.Stage.CREATE;
        reason = "CreateContainerError";
        String id = runtime.create(spec);
        logs.linkTo(spec, id);
        stage = Failure.Stage.START;
        reason = "StartError";
        ContainerObservation seen = started(id);
        return new PodEvent.Started(container.name(), ends.withMessage(seen));
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

  private Optional<PodEvent> postStart(PodState state, Effect.PostStart effect)
      throws InterruptedException {
    ContainerView container = state.spec(effect.container());
    Handler hook = container.postStart().orElse(new Handler.None());
    return done(state, container, effect.id(), Hook.POST_START, hook, LONGEST_POST_START);
  }

  private Optional<PodEvent> preStop(PodState state, Effect.PreStop effect)
      throws InterruptedException {
    ContainerView container = state.spec(effect.container());
    Handler hook = container.preStop().orElse(new Handler.None());
    return done(state, container, effect.id(), Hook.PRE_STOP, hook, effect.limit());
  }

  private Optional<PodEvent> done(
      PodState state, ContainerView container, String id, Hook kind, Handler hook, Duration limit)
      throws InterruptedException {
    ProbeExecutor.Result result = hooks.hook(hook, container, id, state.ip(), limit);
    if (result.verdict() == PodEvent.Verdict.FAILURE) {
      log.info(
          "pod {}: {} of {} failed: {}",
          state.pod().key(),
          kind,
          container.name(),
          result.message());
    }
    return Optional.of(new PodEvent.HookDone(id, kind, result.verdict()));
  }

  /** As {@link ContainerEnds#of}, for one that was seen to end; else a relist looks. */
  Optional<PodEvent> look(String id) {
    try {
      return ends.of(id);
    } catch (EngineException e) {
      log.warn("container {}: {}", id, e.getMessage());
      noticeLoss(e);
      return Optional.empty();
    }
  }

  private Optional<PodEvent> remove(String id) throws IOException {
    Optional<ContainerObservation> seen = runtime.inspect(id);
    runtime.remove(id);
    if (seen.isPresent()) {
      logs.remove(seen.get());
    }
    return Optional.empty();
  }

  private Optional<PodEvent> release(PodUid uid) throws IOException, InterruptedException {
    pause.end(uid);
    network.remove(uid);
    cgroups.remove(uid);
    devices.release(uid);
    return Optional.empty();
  }

  private PodEvent cleanUp(PodView pod) throws InterruptedException {
    cleanUps.acquire();
    try {
      cleanUp(pod.uid());
      logs.remove(pod.key(), pod.uid());
      return new PodEvent.CleanedUp();
    } catch (IOException e) {
      return new PodEvent.CleanUpFailed(String.valueOf(e.getMessage()));
    } finally {
      cleanUps.release();
    }
  }

  /** Removes all that there is of a pod but its logs: containers first, the sandbox last. */
  void cleanUp(PodUid uid) throws IOException, InterruptedException {
    removeContainers(new ArrayList<>(runtime.list(uid)));
    network.remove(uid);
    files.remove(uid);
    cgroups.remove(uid);
    devices.release(uid);
  }

  /** Takes over the control group of a pod that an agent before this one started. */
  void adopt(PodView pod) throws InterruptedException {
    try {
      cgroups.place(pod);
    } catch (IOException e) {
      log.warn("pod {}: {}", pod.key(), e.getMessage());
    }
  }

  /** How many runs a pod's containers have left logs of, by container. */
  Map<String, Integer> loggedRuns(PodView pod) {
    try {
      return logs.runs(pod.key(), pod.uid());
    } catch (IOException e) {
      log.warn("pod {}: cannot look at its logs: {}", pod.key(), e.toString());
      return Map.of();
    }
  }

  /** Removes the logs of all pods but those wanted. */
  void retainLogs(Predicate<PodUid> wanted) {
    logs.retain(wanted);
  }

  /** One whose namespace another shares can go only after that one. */
  private void removeContainers(List<ContainerObservation> left) throws EngineException {
    while (!left.isEmpty()) {
      int before = left.size();
      Optional<EngineException> refusal = Optional.empty();
      for (ContainerObservation each : List.copyOf(left)) {
        try {
          runtime.remove(each.id());
          left.remove(each);
        } catch (EngineException e) {
          refusal = Optional.of(e);
        }
      }
      if (refusal.isPresent() && left.size() == before) {
        throw refusal.get();
      }
    }
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
