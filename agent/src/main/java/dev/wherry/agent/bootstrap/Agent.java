package dev.wherry.agent.bootstrap;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.checkpoint.DesiredCheckpoint;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.EngineChoice;
import dev.wherry.agent.config.NodeLogs;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.device.DeviceScan;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.device.HostDevices;
import dev.wherry.agent.device.NodeDevices;
import dev.wherry.agent.device.plugin.DevicePlugins;
import dev.wherry.agent.endpoint.NodeEndpoint;
import dev.wherry.agent.eviction.PressureWatch;
import dev.wherry.agent.image.ImageCollector;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Link;
import dev.wherry.agent.link.LinkOptions;
import dev.wherry.agent.link.NodeServices;
import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.LogRotation;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.metrics.NodeMetrics;
import dev.wherry.agent.network.OwnAddress;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.engine.EngineStreams;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.staticpods.ManifestFolder;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.NodeClock;
import dev.wherry.agent.sync.PodSync;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.usage.UsageSampler;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.agent.volume.VolumeDirectory;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.view.ResourceList;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's agent, whole: container engine, pods, network, services, session with the master. What
 * runs stays when it is closed or killed; the next one on the same directories goes on with it.
 */
public final class Agent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** What was started, to be ended in the opposite order. */
  private final Parts parts =
      new Parts((part, failure) -> log.warn("cannot end {}: {}", part, failure.toString()));

  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
  private final NodeEngine engine;

  private Agent(NodeEngine engine) {
    this.engine = parts.add(engine);
  }

  /**
   * Brings a node up: the engine answers, preloaded images are there, pods that ran are taken over,
   * and the session with the master is being opened. Pods of the checkpoint start with no master in
   * reach.
   *
   * @param channels makes a channel to the master for each connection
   * @throws IOException with words for a user when the node cannot run pods
   */
  public static Agent start(AgentOptions options, ChannelSource channels)
      throws IOException, InterruptedException {
    Files.createDirectories(options.dataDir());
    Files.createDirectories(options.runDir());
    HostAbilities host = HostAbilities.read();
    Agent agent = new Agent(NodeEngine.open(options, host));
    try {
      agent.compose(options, channels, host);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void compose(AgentOptions options, ChannelSource channels, HostAbilities host)
      throws IOException, InterruptedException {
    ContainerRuntime runtime = engine.runtime();
    Images images = images(options, runtime);
    DesiredState desired = new DesiredState();
    DesiredCheckpoint checkpoint =
        parts.add(DesiredCheckpoint.open(desired, options.dataDir().resolve("agent")));
    NodeClock clock = NodeClock.system();
    ManifestFolder manifests =
        parts.add(
            new ManifestFolder(options.manifests(), options.nodeName(), desired, clock.wall()));
    manifests.start();

    OwnAddress address = parts.add(OwnAddress.of(options.nodeAddress()));
    NodeNetworking network =
        parts.add(NodeNetworking.start(options, engine.namespaces(), desired, address));

    NodeCapacity capacity = NodeGroups.capacity(options);
    PodCgroups cgroups =
        NodeGroups.open(options, NodeGroups.driver(options, host, engine), capacity);
    AtomicReference<@Nullable PodSync> sync = new AtomicReference<>();
    AtomicReference<@Nullable NodeReporter> reporter = new AtomicReference<>();
    Runnable changed = () -> Optional.ofNullable(reporter.get()).ifPresent(NodeReporter::changed);
    PodDirectories directories = directories(options);
    PressureWatch pressure =
        parts.add(
            new PressureWatch(options.policy().eviction(), runtime, directories, desired, changed));
    pressure.look();
    DeviceSource devices = devices(options, changed);
    NodeRoom room = new NodeRoom(options, desired, capacity, devices, pressure);
    NodeReporter node =
        reporter(
            options,
            address,
            images,
            room,
            pressure,
            () -> obstacle(Optional.ofNullable(sync.get()), network));
    reporter.set(node);
    AtomicReference<@Nullable NodeUsage> usage = new AtomicReference<>();
    Link session =
        parts.add(
            Link.start(
                new LinkOptions(options.nodeName(), options.version(), node::node),
                channels,
                desired,
                services(options, desired, network, () -> Optional.ofNullable(usage.get()))));
    address.listen(_ -> channels.moved());
    link.set(session);
    Reports reports = new NodeReports(session.reports(), checkpoint, manifests);
    EventRecorder recorder = new EventRecorder(reports, options.nodeName().text(), clock.wall());
    PodSync pods =
        parts.add(
            new PodSync(
                runtime,
                PodSync.Engine.of(engine::ensure, engine::process),
                network.pods(),
                desired,
                reports,
                recorder,
                clock,
                new PodSync.Settings(
                    directories,
                    () -> facts(options, address, network, capacity),
                    images,
                    session.tokens(),
                    options.maxStarts(),
                    cgroups,
                    NodeRoom.policy(options.policy(), capacity, host),
                    room::now,
                    devices)));
    pods.start();
    sync.set(pods);
    rotateLogs(options, clock);
    node.start(reports, recorder);
    network.tell(recorder);
    ImageCollector collector =
        parts.add(collector(options, directories, runtime, images, node, recorder));
    pressure.start(
        new NodeRoom.Leavers(
            pods,
            collector,
            resource ->
                recorder.record(
                    node.reference(),
                    "Warning",
                    "EvictionThresholdMet",
                    "Attempting to reclaim " + resource)));
    sample(
        network,
        sample -> {
          usage.set(sample);
          reports.usage(sample);
        });
    collector.start();
    log.info("node {} runs pods on {}", options.nodeName(), runtime.version());
  }

  private static Images images(AgentOptions options, ContainerRuntime runtime) throws IOException {
    Images images = new Images(runtime, options.images().parallelPulls());
    for (Path each : options.imageDirectories()) {
      images.preload(each);
    }
    return images;
  }

  private NodeReporter reporter(
      AgentOptions options,
      OwnAddress address,
      Images images,
      NodeRoom room,
      PressureWatch pressure,
      Supplier<Optional<String>> obstacle)
      throws IOException {
    return parts.add(
        new NodeReporter(
            options,
            address,
            engine.runtime().version(),
            images,
            room::capacity,
            NodeClock.system().wall(),
            obstacle,
            pressure::conditions));
  }

  /** Why the node cannot run pods, where it cannot. */
  private static Optional<String> obstacle(Optional<PodSync> started, NodeNetworking network) {
    return started.map(PodSync::engineAnswers).orElse(true)
        ? network.obstacle()
        : Optional.of("container runtime is down");
  }

  /** What the master asks of the node through tunnels. */
  private NodeServices services(
      AgentOptions options,
      DesiredState desired,
      NodeNetworking network,
      Supplier<Optional<NodeUsage>> usage) {
    ContainerRuntime runtime = engine.runtime();
    LogFiles logFiles = new LogFiles(runtime);
    NodeMetrics metrics =
        new NodeMetrics(
            runtime,
            options.nodeName().text(),
            options.version(),
            options.dataDir(),
            usage,
            NodeClock.system().wall());
    NodeEndpoint endpoint =
        new NodeEndpoint(
            metrics, logFiles, options.logs().directory(), new NodeFacade(options, desired));
    return new NodeServices(
        new EngineStreams(runtime, engine.api(), network.podAddress()),
        logFiles,
        new VolumeDirectory(options.volumeDirectory()),
        endpoint::open);
  }

  private void sample(NodeNetworking network, Consumer<NodeUsage> sink) {
    parts.add(new UsageSampler(engine.runtime(), network::traffic, sink)).start();
  }

  private void rotateLogs(AgentOptions options, NodeClock clock) throws IOException {
    NodeLogs logs = options.logs();
    Files.writeString(options.logDirectoryFile(), logs.directory().toString());
    parts
        .add(
            new LogRotation(
                engine.runtime(),
                new LogStore(logs.directory(), options.dataDir()),
                new LogRotation.Bound(logs.maxFileBytes(), logs.maxFiles()),
                clock.wall()))
        .start();
  }

  private static ImageCollector collector(
      AgentOptions options,
      PodDirectories directories,
      ContainerRuntime runtime,
      Images images,
      NodeReporter node,
      EventRecorder recorder) {
    return new ImageCollector(
        runtime,
        images,
        new ImageCollector.Settings(
            options.dataDir(),
            options.images().highPercent(),
            options.images().lowPercent(),
            options.images().maximumAge()),
        NodeClock.system().wall(),
        message -> recorder.record(node.reference(), "Warning", "FreeDiskSpaceFailed", message),
        new ImageMounts(directories)::used);
  }

  private DeviceSource devices(AgentOptions options, Runnable changed) throws IOException {
    HostDevices configured =
        parts.add(
            HostDevices.open(
                options.policy().devices(),
                new DeviceScan(Path.of("/")),
                options.runDir().resolve("devices.json"),
                changed));
    Files.writeString(options.devicePluginsFile(), options.devicePlugins().toString());
    DevicePlugins plugins =
        parts.add(
            DevicePlugins.open(
                options.devicePlugins(), options.runDir().resolve("plugins.json"), changed));
    return new NodeDevices(List.of(configured, plugins));
  }

  static PodDirectories directories(AgentOptions options) {
    return new PodDirectories(options.dataDir(), options.runDir(), options.logs().directory());
  }

  /** The path that the last agent wrote down, or this one where there was none. */
  private static Path recorded(Path file, Path usual) throws IOException {
    return Files.exists(file) ? Path.of(Files.readString(file)) : usual;
  }

  private static NodeFacts facts(
      AgentOptions options, OwnAddress address, NodeNetworking network, NodeCapacity capacity) {
    return new NodeFacts(
        options.nodeName().text(),
        address.text(),
        network.nameServer().map(InetAddress::getHostAddress).orElse(""),
        options.clusterDomain(),
        capacity.allocatable(ResourceList.CPU),
        capacity.allocatable(ResourceList.MEMORY));
  }

  /** Whether the master has answered the session that is open now. */
  public boolean isConnected() {
    Link session = link.get();
    return session != null && session.isConnected();
  }

  /** The process of the engine that this agent runs; empty for somebody else's. */
  public Optional<ProcessHandle> engineProcess() {
    return engine.process();
  }

  /**
   * Where the Docker Engine listens that the last agent on these directories used; empty: it used
   * Podman, or never ran.
   */
  public static Optional<Path> dockerSocket(AgentOptions options) {
    try {
      return DockerEngine.recorded(options).map(EngineChoice.Docker::socket);
    } catch (IOException e) {
      log.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Ends the agent's own work. Pods, services and Podman's service run on. */
  @Override
  public void close() {
    parts.close();
  }

  /**
   * Removes all that agents on these directories left on the machine: pods, namespaces, rules,
   * images, files. No agent runs on them any more. May be called again after a failure.
   */
  public static void purge(AgentOptions options) throws IOException, InterruptedException {
    HostAbilities host = HostAbilities.read();
    try (NodeEngine engine = NodeEngine.last(options, host)) {
      engine.purge();
      NodeGroups.purge(NodeGroups.driver(options, host, engine));
      NodeNetworking.purge(options, engine.namespaces());
    }
    Files.deleteIfExists(options.engineFile());
    VolumeApplier.purge(directories(options));
    DevicePlugins.purge(recorded(options.devicePluginsFile(), options.devicePlugins()));
    Files.deleteIfExists(options.devicePluginsFile());
    Path logs = recorded(options.logDirectoryFile(), options.logs().directory());
    new LogStore(logs, options.dataDir()).purge();
    Files.deleteIfExists(options.logDirectoryFile());
    VolumeApplier.deleteTree(options.volumeDirectory());
    VolumeApplier.deleteTree(options.dataDir().resolve("agent"));
    VolumeApplier.deleteTree(options.dataDir().resolve("images"));
  }
}
