package dev.wherry.agent.eviction;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.eviction.EvictionOrder.Candidate;
import dev.wherry.agent.eviction.PressureState.Observation;
import dev.wherry.agent.pod.PodEvent.Evicted;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.usage.NodeSignals;
import dev.wherry.agent.usage.NodeSignals.Level;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every {@value #PERIOD_SECONDS} seconds whether the node runs short, and has one pod leave
 * when it does: the next look is after that pod is gone. Also has pods leave that write more than
 * their limits let them. Runs on a thread of its own.
 */
public final class PressureWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PressureWatch.class);
  private static final int PERIOD_SECONDS = 10;

  /** Inodes are counted by a program, and do not run out in a moment. */
  private static final int INODES_EVERY = 6;

  /** For how long the pod that was told to leave is waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static final String EVICTED = "Evicted";

  /** The node's pods. */
  public interface Pods {
    /**
     * The node is short of something and takes it back.
     *
     * @param resource as messages to users name it
     */
    void reclaims(String resource);

    /** Those that use the node. */
    List<PodView> all();

    /** False where it is not there or on its way out. */
    boolean evict(PodUid pod, Evicted eviction);

    /** Makes room on the disk without any pod's leaving. */
    void reclaimDisk();
  }

  private final EvictionPolicy policy;
  private final Path data;
  private final Consumers consumers;
  private final LimitWatch limits;
  private final Runnable changed;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<Signal, Observation> inodes = new EnumMap<>(Signal.class);
  private volatile PressureState state = PressureState.NONE;
  private Optional<PodUid> leaving = Optional.empty();
  private Instant leavingSince = Instant.EPOCH;
  private int rounds;

  /**
   * @param desired has the claims of pods
   * @param changed told when the node's conditions have changed; must not block
   */
  public PressureWatch(
      EvictionPolicy policy,
      ContainerRuntime runtime,
      PodDirectories directories,
      DesiredState desired,
      Runnable changed) {
    this.policy = policy;
    this.data = directories.data();
    this.consumers = new Consumers(runtime, directories);
    this.limits = new LimitWatch(consumers, directories, desired);
    this.changed = changed;
  }

  /** The conditions that the node has as of the last look. */
  public Set<String> conditions() {
    return state.conditions();
  }

  /** Reads the signals; nobody leaves for it. */
  public void look() throws IOException, InterruptedException {
    Set<String> before = conditions();
    state = state.next(policy, observe(), now());
    if (!before.equals(conditions())) {
      LOG.info("the node's conditions are {}", conditions());
      changed.run();
    }
  }

  /** Has pods leave that write more than their limits let them; whether any was told to. */
  public boolean holdLimits(Pods pods) throws IOException {
    return limits.hold(pods);
  }

  public void start(Pods pods) {
    Thread.ofVirtual().name("pressure").start(() -> run(pods));
  }

  private void run(Pods pods) {
    try {
      while (!end.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
        try {
          look();
          if (!holdLimits(pods)) {
            relieve(pods);
          }
        } catch (IOException e) {
          LOG.warn("cannot see whether the node runs short: {}", e.getMessage());
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Of a clock that does not jump. */
  private static Instant now() {
    return Instant.EPOCH.plusNanos(System.nanoTime());
  }

  private Map<Signal, Observation> observe() throws IOException, InterruptedException {
    Map<Signal, Observation> observed = new EnumMap<>(Signal.class);
    observed.put(Signal.MEMORY_AVAILABLE, of(NodeSignals.memory()));
    observed.put(Signal.NODEFS_AVAILABLE, of(NodeSignals.disk(data)));
    // Images lie in the same directory, and so on the same file system.
    observed.put(Signal.IMAGEFS_AVAILABLE, of(NodeSignals.disk(data)));
    observed.put(Signal.PID_AVAILABLE, of(NodeSignals.pids()));
    if (rounds++ % INODES_EVERY == 0) {
      Level level = NodeSignals.inodes(data);
      if (level.capacity() > 0) {
        inodes.put(Signal.NODEFS_INODES_FREE, of(level));
        inodes.put(Signal.IMAGEFS_INODES_FREE, of(level));
      }
    }
    observed.putAll(inodes);
    return observed;
  }

  private static Observation of(Level level) {
    return new Observation(level.available(), level.capacity());
  }

  /** Takes back what the node is short of: at most one pod leaves for it. */
  void relieve(Pods pods) throws IOException, InterruptedException {
    Optional<Threshold> due = state.due(now());
    if (due.isEmpty() || waits(pods)) {
      return;
    }
    Threshold threshold = due.get();
    Signal signal = threshold.signal();
    pods.reclaims(signal.resource());
    if (signal.condition().equals("DiskPressure")) {
      pods.reclaimDisk();
      look();
      if (state.due(now()).isEmpty()) {
        return;
      }
    }
    Observation observed = observe().getOrDefault(signal, new Observation(0, 0));
    for (Candidate each : EvictionOrder.order(signal, consumers.of(signal, pods.all()))) {
      Duration own = Duration.ofSeconds(each.pod().terminationGracePeriodSeconds());
      Evicted eviction =
          new Evicted(
              EVICTED,
              EvictionOrder.message(threshold, observed, each),
              PressureState.grace(threshold, policy, own));
      if (pods.evict(each.pod().uid(), eviction)) {
        LOG.warn("pod {} has to leave: {}", each.pod().key(), eviction.message());
        leaving = Optional.of(each.pod().uid());
        leavingSince = now();
        return;
      }
    }
    LOG.warn("{} is short, and no pod can be told to leave", signal.word());
  }

  private boolean waits(Pods pods) {
    return leaving.isPresent()
        && now().isBefore(leavingSince.plus(PATIENCE))
        && pods.all().stream().anyMatch(each -> leaving.get().equals(each.uid()));
  }

  @Override
  public void close() {
    end.countDown();
  }
}
