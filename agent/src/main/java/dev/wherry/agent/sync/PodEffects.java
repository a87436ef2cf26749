package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.host.Uptime;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodAdoption;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.PodTokens;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
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
  private static final Logger LOG = LoggerFactory.getLogger(PodEffects.class);

  private final ContainerRuntime runtime;
  private final Supplier<NodeFacts> node;
  private final PodNetwork network;
  private final PodCgroups cgroups;
  private final PodFiles files;
  private final LogStore logs;
  private final Reports reports;
  private final Room room;
  private final EngineLoss loss;
  private final ContainerAssembly assembly;
  private final ContainerStart starts;
  private final ContainerHooks hooks;
  private final ContainerResize resizes;
  private final ContainerEnds ends;
  private final PodRemoval removal;

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
    PodDirectories directories = settings.directories();
    Credentials credentials = new Credentials(desired);
    PauseContainer pause = new PauseContainer(runtime, directories);
    this.runtime = runtime;
    this.node = settings.node();
    this.network = network;
    this.cgroups = settings.cgroups();
    this.files =
        new PodFiles(
            directories,
            new VolumeApplier(directories),
            desired,
            node,
            new PodTokens(directories, settings.tokens(), Uptime.SYSTEM));
    this.logs = new LogStore(directories.logs(), directories.data());
    this.reports = reports;
    this.room = room;
    this.loss = new EngineLoss(engineLost);
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
            settings.devices(),
            settings.policy());
    this.ends = new ContainerEnds(runtime, files, desired);
    this.starts =
        new ContainerStart(
            runtime,
            settings.images(),
            credentials,
            new ImageVolumes(runtime, settings.images(), credentials, new ImageMounts(directories)),
            assembly,
            logs,
            ends,
            loss,
            new Semaphore(settings.maxStarts(), true));
    this.hooks = new ContainerHooks(new ProbeExecutor(runtime));
    this.resizes = new ContainerResize(runtime, cgroups, settings.policy());
    this.removal =
        new PodRemoval(
            runtime,
            pause,
            network,
            files,
            cgroups,
            settings.devices(),
            logs,
            new Semaphore(settings.maxStarts(), true));
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
        case Effect.Start start -> Optional.of(starts.run(state, start, events));
        case Effect.Allocate ask -> Optional.of(room.allocate(ask.wanted()));
        case Effect.Resize resize -> Optional.of(resizes.run(state, resize));
        case Effect.PostStart hook -> Optional.of(hooks.postStart(state, hook));
        case Effect.PreStop hook -> Optional.of(hooks.preStop(state, hook));
        case Effect.Terminate terminate -> {
          runtime.terminate(terminate.id());
          yield Optional.empty();
        }
        case Effect.Kill kill -> ends.kill(kill.id());
        case Effect.RemoveContainer remove -> {
          removal.remove(remove.id());
          yield Optional.empty();
        }
        case Effect.ReleaseSandbox _ -> {
          removal.release(pod.uid());
          yield Optional.empty();
        }
        case Effect.CleanUp _ -> Optional.of(removal.cleanUp(pod));
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
      loss.notice(e);
      LOG.warn("pod {}: {}: {}", pod.key(), effect, e.toString());
      return Optional.empty();
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
        ip = network.create(pod.uid(), host).address().text();
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
      LOG.warn("pod {}: cannot look at its volumes: {}", state.pod().key(), e.toString());
      return false;
    }
  }

  /** Makes objects' files follow their objects. */
  void refreshVolumes(PodState state, PodEvents events) throws InterruptedException {
    for (String refusal : files.refresh(state.pod(), state.ip())) {
      events.record(new Effect.Record(Effect.Type.WARNING, "FailedMount", refusal, ""));
    }
  }

  /** As {@link ContainerEnds#of}, for one that was seen to end; else a relist looks. */
  Optional<PodEvent> look(String id) {
    try {
      return ends.of(id);
    } catch (EngineException e) {
      LOG.warn("container {}: {}", id, e.getMessage());
      loss.notice(e);
      return Optional.empty();
    }
  }

  /** The containers with what became of those whose end nobody has told yet. */
  List<ContainerObservation> explained(PodView pod, List<ContainerObservation> seen) {
    return seen.stream()
        .map(each -> PodAdoption.isTold(pod, each) ? each : ends.explained(each))
        .toList();
  }

  /** Removes all that there is of a pod but its logs. */
  void cleanUp(PodUid uid) throws IOException, InterruptedException {
    removal.cleanUp(uid);
  }

  /** Takes over the control group of a pod that an agent before this one started. */
  void adopt(PodView pod) throws InterruptedException {
    try {
      cgroups.place(pod);
    } catch (IOException e) {
      LOG.warn("pod {}: {}", pod.key(), e.getMessage());
    }
  }

  /** How many runs a pod's containers have left logs of, by container. */
  Map<String, Integer> loggedRuns(PodView pod) {
    try {
      return logs.runs(pod.key(), pod.uid());
    } catch (IOException e) {
      LOG.warn("pod {}: cannot look at its logs: {}", pod.key(), e.toString());
      return Map.of();
    }
  }

  /** Removes the logs of all pods but those wanted. */
  void retainLogs(Predicate<PodUid> wanted) {
    logs.retain(wanted);
  }

  Optional<String> sandboxIp(PodView pod) throws InterruptedException {
    if (pod.hostNetwork()) {
      return Optional.of(node.get().address());
    }
    try {
      return network.find(pod.uid()).map(sandbox -> sandbox.address().text());
    } catch (IOException e) {
      LOG.warn("pod {}: cannot look at its sandbox: {}", pod.key(), e.getMessage());
      return Optional.empty();
    }
  }
}
