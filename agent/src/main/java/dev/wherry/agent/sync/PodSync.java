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
import dev.wherry.agent.probe.ProbeCounts;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's pods as they are desired: a {@link PodWorker} for each, fed by changes of the
 * desired state, by ends of containers and by a relist now and then. Thread-safe.
 */
public final class PodSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodSync.class);

  private final ContainerRuntime runtime;
  private final EngineWatch engine;
  private final DesiredState desired;
  private final Reports reports;
  private final EventRecorder recorder;
  private final Supplier<NodeFacts> node;
  private final Supplier<Admission.Node> room;
  private final NodeClock clock;
  private final PodEffects effects;
  private final Orphans orphans;
  private final ProbeExecutor probes;
  private final VolumeKeeper keeper;
  private final Map<PodUid, PodWorker> workers = new ConcurrentHashMap<>();
  private final Map<PodUid, List<ContainerObservation>> found = new ConcurrentHashMap<>();
  private final RecentEnds recentEnds = new RecentEnds();
  private @Nullable AutoCloseable exitWatch;
  private volatile boolean closed;

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
      DeviceSource devices,
      ProbeCounts probes) {}

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
    this.engine = new EngineWatch(runtime, engine, clock, this::listed);
    this.desired = desired;
    this.reports = reports;
    this.recorder = recorder;
    this.node = settings.node();
    this.room = settings.room();
    this.clock = clock;
    this.probes = new ProbeExecutor(runtime, settings.probes());
    this.effects =
        new PodEffects(
            runtime, network, settings, desired, reports, this::allocate, this.engine::lost);
    this.orphans = new Orphans(runtime, network, settings.cgroups(), effects);
    this.keeper = new VolumeKeeper(workers::values);
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
    engine.start();
  }

  /** Whether the engine has not answered for so long that the node can run no pods. */
  public boolean engineIsDown() {
    return engine.isDown();
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
      if (seen.isEmpty() && Admission.isNew(pod)) {
        Admission.refusal(pod, unfinished(), room.get()).ifPresent(made::post);
      }
      workers.put(pod.uid(), made);
      made.start(seen);
    }
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
        new PodStatus.Host(node.get().addresses(), runtime.name(), node.get().networks()::podIps),
        recentEnds,
        gone -> workers.remove(pod.uid(), gone));
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
    recentEnds.add(containerId);
    for (PodWorker each : workers.values()) {
      if (each.state().runs(containerId)) {
        each.look(containerId);
      }
    }
  }

  private void listed(List<ContainerObservation> all, Instant listedAt) {
    workers.values().forEach(each -> each.compare(all, listedAt));
  }

  private void removeOrphans() {
    found.keySet().removeAll(orphans.remove(this::isWanted));
  }

  private boolean isWanted(PodUid uid) {
    return workers.containsKey(uid)
        || desired.all(Resource.PODS).stream()
            .anyMatch(each -> new PodView(each).uid().equals(uid));
  }

  /** Stops following; pods run on. */
  @Override
  public void close() {
    closed = true;
    keeper.close();
    engine.close();
    AutoCloseable watch = exitWatch;
    if (watch != null) {
      try {
        watch.close();
      } catch (Exception e) {
        LOG.warn("cannot end the watch of ends: {}", e.toString());
      }
    }
  }
}
