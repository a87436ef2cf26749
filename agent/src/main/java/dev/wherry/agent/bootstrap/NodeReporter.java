package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.network.OwnAddress;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.agent.usage.NodeInfo;
import dev.wherry.agent.usage.NodeStatus;
import dev.wherry.agent.usage.Pressure;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the master how the node is: at once, and again when the meaning changes. A heartbeat is the
 * session's affair and writes nothing. Thread-safe.
 */
final class NodeReporter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeReporter.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** Tells the master where volumes for claims are to lie (docs/volumes.md). */
  private static final String VOLUME_DIRECTORY = "wherry.dev/volume-directory";

  private static final String NOT_READY = "container runtime is down";

  private final AgentOptions options;
  private final OwnAddress address;
  private final ContainerRuntime runtime;
  private final NodeCapacity capacity;
  private final NodeInfo info;
  private final InstantSource clock;
  private volatile Obj last;
  private final BooleanSupplier engineAnswers;
  private volatile @Nullable Thread thread;

  /**
   * @param engineAnswers whether the container engine does
   */
  NodeReporter(
      AgentOptions options,
      OwnAddress address,
      ContainerRuntime runtime,
      NodeCapacity capacity,
      InstantSource clock,
      BooleanSupplier engineAnswers)
      throws IOException {
    this.options = options;
    this.address = address;
    this.runtime = runtime;
    this.capacity = capacity;
    this.info = NodeInfo.read(runtime.version(), options.version());
    this.clock = clock;
    this.engineAnswers = engineAnswers;
    this.last = render(true, Obj.EMPTY);
  }

  void start(Reports reports, EventRecorder recorder) {
    reports.nodeStatus(last);
    recorder.record(reference(), "Normal", "Starting", "Starting kubelet.");
    address.listen(_ -> lookSoon(reports));
    thread = Thread.ofVirtual().name("node-status").start(() -> watch(reports));
  }

  private Obj reference() {
    String name = options.nodeName().text();
    return Obj.of("kind", "Node", "name", name, "uid", name, "apiVersion", "v1");
  }

  /** The Node object as this agent sees it. */
  Obj node() {
    String name = options.nodeName().text();
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("kubernetes.io/hostname", name);
    labels.put("kubernetes.io/os", "linux");
    labels.put("kubernetes.io/arch", NodeInfo.goArchitecture());
    labels.put("beta.kubernetes.io/os", "linux");
    labels.put("beta.kubernetes.io/arch", NodeInfo.goArchitecture());
    labels.putAll(options.labels());
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Node",
        "metadata",
        Obj.of(
            "name",
            name,
            "labels",
            labels,
            "annotations",
            Obj.of(VOLUME_DIRECTORY, options.volumeDirectory().toString())),
        "status",
        last);
  }

  private void watch(Reports reports) {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        look(reports);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.error("node status ends: {}", e.toString());
    }
  }

  private synchronized void look(Reports reports) throws IOException {
    Obj now = render(engineAnswers.getAsBoolean(), last);
    if (!meaning(now).equals(meaning(last))) {
      last = now;
      reports.nodeStatus(now);
    }
  }

  private void lookSoon(Reports reports) {
    try {
      look(reports);
    } catch (IOException e) {
      log.error("the node's new address is told later: {}", e.toString());
    }
  }

  /** All but the times at which it was looked at. */
  private static Obj meaning(Obj status) {
    return status.with(
        "conditions",
        status.objs("conditions").stream().map(each -> each.without("lastHeartbeatTime")).toList());
  }

  private Obj render(boolean engineAnswers, Obj before) throws IOException {
    Pressure pressure = Pressure.read(options.dataDir());
    return NodeStatus.render(
        options.nodeName().text(),
        address.text(),
        capacity,
        info,
        new NodeStatus.Health(
            engineAnswers ? "" : NOT_READY, pressure.memory(), pressure.disk(), pressure.pids()),
        images(),
        before.objs("conditions"),
        clock.instant());
  }

  private List<Image> images() {
    try {
      return runtime.images();
    } catch (EngineException _) {
      // The condition says that the engine is down.
      return List.of();
    }
  }

  @Override
  public void close() {
    Thread started = thread;
    if (started != null) {
      started.interrupt();
    }
  }
}
