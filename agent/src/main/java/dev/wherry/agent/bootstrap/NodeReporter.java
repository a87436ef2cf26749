package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.network.OwnAddress;
import dev.wherry.agent.network.OwnNetworks;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.LastBoot;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.agent.usage.NodeInfo;
import dev.wherry.agent.usage.NodeStatus;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the master how the node is: at once, and again when the meaning changes. A heartbeat is the
 * session's affair and writes nothing. Thread-safe.
 */
final class NodeReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeReporter.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** Tells the master where volumes for claims are to lie (docs/volumes.md). */
  private static final String VOLUME_DIRECTORY = "wherry.dev/volume-directory";

  /** Tells the master which load balancers' addresses others on its segments ask this node for. */
  private static final String NETWORKS = "wherry.dev/networks";

  private final AgentOptions options;
  private final OwnAddress address;
  private final Supplier<List<String>> addresses;
  private final Images images;
  private final Supplier<NodeCapacity> capacity;
  private final NodeInfo info;
  private final NodeStatus.Features features;
  private final InstantSource clock;
  private volatile Obj last;
  private volatile List<Image> lastImages = List.of();
  private final Supplier<Optional<String>> obstacle;
  private final Supplier<Set<String>> pressures;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Listeners listeners;

  /** Who is told. */
  private record Listeners(Reports reports, EventRecorder recorder) {}

  /**
   * @param addresses the node's, as its status has them
   * @param obstacle what keeps the node from running pods; empty: nothing
   * @param pressures conditions that the node has for what it runs short of
   */
  NodeReporter(
      AgentOptions options,
      OwnAddress address,
      Supplier<List<String>> addresses,
      ContainerRuntime runtime,
      Images images,
      Supplier<NodeCapacity> capacity,
      InstantSource clock,
      Supplier<Optional<String>> obstacle,
      Supplier<Set<String>> pressures)
      throws IOException {
    this.options = options;
    this.address = address;
    this.addresses = addresses;
    this.images = images;
    this.capacity = capacity;
    this.info = NodeInfo.read(runtime.version(), options.version());
    this.features = new NodeStatus.Features(runtime.tellsUsers(), runtime.mapsUsers());
    this.clock = clock;
    this.obstacle = obstacle;
    this.pressures = pressures;
    this.last = render("", Obj.EMPTY);
  }

  void start(Reports reports, EventRecorder recorder) throws IOException {
    Listeners told = new Listeners(reports, recorder);
    listeners = told;
    reports.nodeStatus(last);
    recorder.record(reference(), "Normal", "Starting", "Starting kubelet.");
    recordChanges(recorder, List.of(), last.objs("conditions"));
    if (new LastBoot(options.dataDir().resolve("agent").resolve("boot")).isOver(info.bootId())) {
      String message = "Node %s has been rebooted, boot id: %s";
      recorder.record(
          reference(),
          "Warning",
          "Rebooted",
          message.formatted(options.nodeName().text(), info.bootId()));
    }
    address.listen(_ -> lookNow(told));
    thread = Thread.ofVirtual().name("node-status").start(() -> watch(told));
  }

  private void recordChanges(EventRecorder recorder, List<Obj> before, List<Obj> now) {
    for (String each : NodeStatus.changes(before, now)) {
      String message = "Node " + options.nodeName().text() + " status is now: " + each;
      recorder.record(reference(), "Normal", each, message);
    }
  }

  /** The node, as its events name it. */
  Obj reference() {
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
            Obj.of(VOLUME_DIRECTORY, options.volumeDirectory().toString(), NETWORKS, networks())),
        "status",
        last);
  }

  private static String networks() {
    try {
      return OwnNetworks.all().stream().map(Cidr::toString).collect(Collectors.joining(","));
    } catch (SocketException e) {
      LOG.warn("the networks that this node is on are not known: {}", e.toString());
      return "";
    }
  }

  /** Tells the master at once that something changed. Never blocks. */
  void changed() {
    Listeners told = listeners;
    if (told != null) {
      Thread.startVirtualThread(() -> lookNow(told));
    }
  }

  private void watch(Listeners told) {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        lookNow(told);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void look(Listeners told) throws IOException {
    Obj before = last;
    Obj now = render(obstacle.get().orElse(""), before);
    if (!meaning(now).equals(meaning(before))) {
      last = now;
      told.reports().nodeStatus(now);
      recordChanges(told.recorder(), before.objs("conditions"), now.objs("conditions"));
    }
  }

  private void lookNow(Listeners told) {
    try {
      look(told);
    } catch (IOException e) {
      LOG.error("what changed of the node is looked at again later: {}", e.toString());
    }
  }

  /** All but the times at which it was looked at. */
  private static Obj meaning(Obj status) {
    return status.with(
        "conditions",
        status.objs("conditions").stream().map(each -> each.without("lastHeartbeatTime")).toList());
  }

  private Obj render(String notReadyBecause, Obj before) throws IOException {
    Set<String> pressures = this.pressures.get();
    return NodeStatus.render(
        options.nodeName().text(),
        addresses.get(),
        capacity.get(),
        info,
        features,
        new NodeStatus.Health(
            notReadyBecause,
            pressures.contains("MemoryPressure"),
            pressures.contains("DiskPressure"),
            pressures.contains("PIDPressure")),
        images(),
        before.objs("conditions"),
        clock.instant());
  }

  private List<Image> images() {
    try {
      lastImages = images.list();
    } catch (EngineException _) {
      // What it had it has still; should it stay away, the condition says so.
    }
    return lastImages;
  }

  @Override
  public void close() {
    Thread started = thread;
    if (started != null) {
      started.interrupt();
    }
  }
}
