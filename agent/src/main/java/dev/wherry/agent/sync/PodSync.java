package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.pod.PodStatus;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.TokenSource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's pods as they are desired: a {@link PodWorker} for each, fed by changes of the
 * desired state, by ends of containers and by a relist now and then. Thread-safe.
 */
public final class PodSync implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodSync.class);
  private static final Duration RELIST = Duration.ofSeconds(30);
  private static final Duration RELIST_WHEN_LOST = Duration.ofSeconds(1);

  /** Ends remembered for containers whose start has not been told yet. */
  private static final int MAX_RECENT_ENDS = 256;

  private final ContainerRuntime runtime;
  private final Engine engine;
  private final PodNetwork network;
  private final DesiredState desired;
  private final Reports reports;
  private final EventRecorder recorder;
  private final Supplier<NodeFacts> node;
  private final PodCgroups cgroups;
  private final Supplier<Admission.Node> room;
  private final NodeClock clock;
  private final PodEffects effects;
  private final ProbeExecutor probes;
  private final VolumeKeeper keeper;
  private final Map<PodUid, PodWorker> workers = new ConcurrentHashMap<>();
  private final Map<PodUid, List<ContainerObservation>> found = new ConcurrentHashMap<>();
  private final Map<String, Boolean> recentEnds =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MAX_RECENT_ENDS;
        }
      };
  private @Nullable AutoCloseable exitWatch;
  private @Nullable Thread relister;
  private final Semaphore relistNow = new Semaphore(0);
  private volatile boolean engineAnswers = true;
  private volatile boolean closed;

  /** Brings the container engine up again. */
  public interface Engine {
    void ensure() throws IOException, InterruptedException;

    /** Has this run once when the process ends that answers now, where that can be seen. */
    default void whenLost(Runnable then) {}

    /** One whose process, where it is the agent's own, is seen to end. */
    static Engine of(Engine engine, Supplier<Optional<ProcessHandle>> process) {
      return new Engine() {
        @Override
        public void ensure() throws IOException, InterruptedException {
          engine.ensure();
        }

        @Override
        public void whenLost(Runnable then) {
          process.get().ifPresent(running -> running.onExit().thenRun(then));
        }
      };
    }
  }

  /**
   * How the sync is set.
   *
   * @param maxStarts containers being made and started at a time, and pods being removed
   * @param room what pods are measured against that are bound to this node
   */
  public record Settings(
      PodDirectories directories,
      Supplier<NodeFacts> node,
      Images images,
      TokenSource tokens,
      int maxStarts,
      PodCgroups cgroups,
      ContainerPolicy policy,
      Supplier<Admission.Node> room,
      DeviceSource devices) {}

  public PodSync(
      ContainerRuntime runtime,
      Engine engine,
      PodNetwork network,
      DesiredState desired,
      Reports reports,
      EventRecorder recorder,
      NodeClock clock,
      Settings settings) {
    this.runtime = runtime;
    this.engine = engine;
    this.network = network;
    this.desired = desired;
    this.reports = reports;
    this.recorder = recorder;
    this.node = settings.node();
    this.cgroups = settings.cgroups();
    this.room = settings.room();
    this.clock = clock;
    this.probes = new ProbeExecutor(runtime);
    this.effects =
        new PodEffects(
            runtime, network, settings, desired, reports, this::allocate, this::engineLost);
    this.keeper = new VolumeKeeper(workers::values);
  }

  /** Somebody got no answer: look at once, and bring the engine up again. */
  private void engineLost() {
    engineAnswers = false;
    relistNow.release();
  }

  /**
   * Takes over what runs, then follows the desired state. The engine answers by now.
   *
   * @throws EngineException when it does not
   */
  public void start() throws IOException, InterruptedException {
    effects.open();
    for (ContainerObservation each : runtime.list()) {
      found.computeIfAbsent(each.podUid(), _ -> new ArrayList<>()).add(each);
    }
    exitWatch = runtime.watchExits(this::exited);
    desired.listen(this::changed);
    for (Obj pod : desired.all(Resource.PODS)) {
      upserted(new PodView(pod));
    }
    if (desired.hasSynced()) {
      Thread.startVirtualThread(this::removeOrphans);
    }
    keeper.start();
    engine.whenLost(this::engineLost);
    relister = Thread.ofVirtual().name("relist").start(this::relistForever);
  }

  /** Whether the engine answered when it was asked last. */
  public boolean engineAnswers() {
    return engineAnswers;
  }

  /** The pods' states as they are now. */
  public List<PodState> states() {
    return workers.values().stream().map(PodWorker::state).toList();
  }

  private void changed(Change change) {
    switch (change) {
      case Change.Upserted upserted -> {
        switch (upserted.resource()) {
          case PODS -> upserted(new PodView(upserted.object()));
          case CONFIG_MAPS,
              SECRETS,
              PERSISTENT_VOLUMES,
              PERSISTENT_VOLUME_CLAIMS,
              CLUSTER_TRUST_BUNDLES ->
              refresh(upserted.resource(), upserted.object());
          case SERVICES,
              ENDPOINT_SLICES,
              NODES,
              INGRESSES,
              INGRESS_CLASSES,
              NETWORK_POLICIES,
              NAMESPACES,
              PEER_PODS -> {
            // Nothing of a pod follows them.
          }
        }
      }
      case Change.Removed removed -> {
        if (removed.resource() == Resource.PODS) {
          drop(new PodView(removed.last()).uid());
        }
      }
      case Change.Synced _ -> {
        Thread.startVirtualThread(this::removeOrphans);
        keeper.wake(); // a master to ask for tokens
      }
      case Change.NetworksKnown _ -> {
        // The network's own affair.
      }
    }
  }

  private synchronized void upserted(PodView pod) {
    for (PodWorker each : workers.values()) {
      PodView other = each.state().pod();
      if (other.key().equals(pod.key()) && !other.uid().equals(pod.uid())) {
        each.post(new PodEvent.Dropped());
      }
    }
    PodWorker worker = workers.get(pod.uid());
    if (worker != null) {
      worker.post(new PodEvent.Desired(pod));
    } else if (!closed) {
      PodWorker made = worker(pod);
      List<ContainerObservation> seen =
          Optional.ofNullable(found.remove(pod.uid())).orElse(List.of());
      if (seen.isEmpty() && isNew(pod)) {
        Admission.refusal(pod, unfinished(), room.get()).ifPresent(made::post);
      }
      workers.put(pod.uid(), made);
      made.start(seen);
    }
  }

  /** Whether this node has never had to do with it. */
  private static boolean isNew(PodView pod) {
    return pod.startTime().isEmpty() && !pod.isTerminating() && !pod.isFinished();
  }

  /** Pods that use what the node has. */
  public List<PodView> unfinished() {
    return workers.values().stream()
        .filter(each -> each.state().usesNode())
        .map(PodWorker::counted)
        .toList();
  }

  /** Gives a pod that is here what it wants by now, where there is room beside the others. */
  private synchronized PodEvent allocate(PodView wanted) {
    PodEvent answer =
        Admission.allocation(
            wanted,
            unfinished().stream().filter(each -> !each.uid().equals(wanted.uid())).toList(),
            room.get());
    PodWorker worker = workers.get(wanted.uid());
    if (worker != null && answer instanceof PodEvent.Allocated) {
      worker.grant(wanted);
    }
    return answer;
  }

  /** Has a pod leave for the node's sake; false where it is not there or on its way out. */
  public boolean evict(PodUid uid, PodEvent.Evicted eviction) {
    PodWorker worker = workers.get(uid);
    if (worker == null || !worker.state().usesNode() || worker.state().failure().isPresent()) {
      return false;
    }
    worker.post(eviction);
    return true;
  }

  private PodWorker worker(PodView pod) {
    return new PodWorker(
        pod,
        effects,
        recorder,
        probes,
        reports,
        clock,
        new PodStatus.Host(node.get().address(), runtime.name()),
        new PodWorker.Ends() {
          @Override
          public boolean seen(String containerId) {
            synchronized (recentEnds) {
              return recentEnds.containsKey(containerId);
            }
          }

          @Override
          public void gone(PodWorker worker) {
            workers.remove(worker.state().pod().uid(), worker);
          }
        });
  }

  private void drop(PodUid uid) {
    PodWorker worker = workers.get(uid);
    if (worker != null) {
      worker.post(new PodEvent.Dropped());
    }
  }

  private void refresh(Resource resource, Obj object) {
    ObjectKey key = ObjectKey.of(object);
    for (PodWorker each : workers.values()) {
      PodView pod = each.state().pod();
      boolean mayUse = key.namespace().isEmpty() || pod.key().namespace().equals(key.namespace());
      if (mayUse) {
        each.post(new PodEvent.ObjectsChanged());
        if (VolumeUse.uses(pod, resource, key.name())) {
          each.refreshVolumes();
        }
      }
    }
  }

  private void exited(String containerId) {
    synchronized (recentEnds) {
      recentEnds.put(containerId, true);
    }
    for (PodWorker each : workers.values()) {
      boolean ours =
          each.state().containers().stream()
              .anyMatch(container -> container.runningId().filter(containerId::equals).isPresent());
      if (ours) {
        each.look(containerId);
      }
    }
  }

  private void relistForever() {
    try {
      while (!closed) {
        Duration wait = engineAnswers ? RELIST : RELIST_WHEN_LOST;
        if (relistNow.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          relistNow.drainPermits();
        }
        relist();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void relist() throws InterruptedException {
    Instant listedAt = clock.timer();
    try {
      runtime.version(); // a list may take long where much goes on, an engine that hangs must not
      List<ContainerObservation> all = runtime.list();
      engineAnswers = true;
      for (PodWorker each : workers.values()) {
        compare(each, all, listedAt);
      }
    } catch (EngineException e) {
      engineAnswers = false;
      log.warn("{}", e.getMessage());
      restartEngine();
    }
  }

  private void restartEngine() throws InterruptedException {
    try {
      engine.ensure();
      engine.whenLost(this::engineLost);
      // The relist that follows looks for what ended unseen.
    } catch (IOException e) {
      log.error("the container engine does not come up: {}", e.getMessage());
    }
  }

  private static void compare(PodWorker worker, List<ContainerObservation> all, Instant listedAt) {
    PodUid uid = worker.state().pod().uid();
    List<ContainerObservation> ofPod =
        all.stream().filter(each -> each.podUid().equals(uid)).toList();
    worker.post(new PodEvent.Listed(ofPod, listedAt));
    for (ContainerObservation each : ofPod) {
      boolean believedRunning =
          worker.state().containers().stream()
              .anyMatch(container -> container.runningId().filter(each.id()::equals).isPresent());
      if (believedRunning && !each.isRunning()) {
        worker.look(each.id());
      }
    }
  }

  /** Removes what no desired pod accounts for. Runs once everything desired is known. */
  private void removeOrphans() {
    try {
      Set<PodUid> here =
          runtime.list().stream()
              .map(ContainerObservation::podUid)
              .collect(Collectors.toCollection(HashSet::new));
      here.addAll(network.pods());
      here.addAll(cgroups.pods());
      // Asked last: what a pod has that came meanwhile is not taken for an orphan's.
      here.removeIf(this::isWanted);
      remove(here);
      effects.retainLogs(this::isWanted);
    } catch (IOException e) {
      log.warn("cannot look for what deleted pods left: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isWanted(PodUid uid) {
    return workers.containsKey(uid)
        || desired.all(Resource.PODS).stream()
            .anyMatch(each -> new PodView(each).uid().equals(uid));
  }

  private void remove(Collection<PodUid> orphans) throws InterruptedException {
    for (PodUid each : orphans) {
      try {
        log.info("removing what pod {} left, which is not wanted any more", each);
        effects.cleanUp(each);
        found.remove(each);
      } catch (IOException e) {
        log.warn("pod {}: {}", each, e.getMessage());
      }
    }
  }

  /** Stops following; pods run on. */
  @Override
  public void close() {
    closed = true;
    keeper.close();
    Thread thread = relister;
    if (thread != null) {
      thread.interrupt();
    }
    AutoCloseable watch = exitWatch;
    if (watch != null) {
      try {
        watch.close();
      } catch (Exception e) {
        log.warn("cannot end the watch of ends: {}", e.toString());
      }
    }
  }
}
