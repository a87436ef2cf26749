package dev.wherry.agent.bootstrap;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.checkpoint.DesiredCheckpoint;
import dev.wherry.agent.config.AgentOptions;
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
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.engine.EngineStreams;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.staticpods.ManifestFolder;
import dev.wherry.agent.sync.Engine;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.NodeClock;
import dev.wherry.agent.sync.PodSync;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.usage.UsageSampler;
import dev.wherry.agent.volume.ImageMounts;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.TreeSizes;
import dev.wherry.agent.volume.VolumeDirectory;
import dev.wherry.agent.volume.VolumeUsages;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.view.ResourceList;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts of a node together, in the order in which they need one another. Used once, by one
 * thread; what it makes asks it on from threads of their own.
 */
final class NodeComposition {
  private static final Logger LOG = LoggerFactory.getLogger(NodeComposition.class);

  private final AgentOptions options;
  private final HostAbilities host;
  private final NodeEngine engine;
  private final Parts parts;
  private final NodeClock clock = NodeClock.system();
  private final DesiredState desired = new DesiredState();
  private final ProbeCounts probes = new ProbeCounts();
  private final PodDirectories directories;
  private final Images images;
  private final DesiredCheckpoint checkpoint;
  private final ManifestFolder manifests;
  private final OwnAddress address;
  private final NodeNetworking network;
  private final NodeCapacity capacity;
  private final PodCgroups cgroups;
  private final PressureWatch pressure;
  private final DeviceSource devices;
  private final NodeRoom room;
  private volatile @Nullable NodeReporter reporter;
  private volatile @Nullable PodSync pods;
  private volatile @Nullable NodeUsage usage;

  /**
   * What the node has and is to be; nothing runs on it yet.
   *
   * @param parts gets what is started
   */
  NodeComposition(AgentOptions options, HostAbilities host, NodeEngine engine, Parts parts)
      throws IOException, InterruptedException {
    this.options = options;
    this.host = host;
    this.engine = engine;
    this.parts = parts;
    this.directories = directories(options);
    this.images = images(options, engine.runtime());
    this.checkpoint =
        parts.add(DesiredCheckpoint.open(desired, options.dataDir().resolve("agent")));
    this.manifests =
        parts.add(
            new ManifestFolder(options.manifests(), options.nodeName(), desired, clock.wall()));
    manifests.start();
    this.address = parts.add(OwnAddress.of(options.nodeAddress()));
    this.network = parts.add(NodeNetworking.start(options, engine.namespaces(), desired, address));
    this.capacity = NodeGroups.capacity(options);
    this.cgroups = NodeGroups.open(options, NodeGroups.driver(options, host, engine), capacity);
    this.pressure =
        parts.add(
            new PressureWatch(
                options.policy().eviction(),
                engine.runtime(),
                directories,
                desired,
                this::changed));
    pressure.look();
    this.devices = devices();
    this.room = new NodeRoom(options, desired, capacity, devices, pressure);
  }

  static PodDirectories directories(AgentOptions options) {
    return new PodDirectories(options.dataDir(), options.runDir(), options.logs().directory());
  }

  private static Images images(AgentOptions options, ContainerRuntime runtime) throws IOException {
    Images images = new Images(runtime, options.images().parallelPulls());
    for (Path each : options.imageDirectories()) {
      images.preload(each);
    }
    return images;
  }

  private DeviceSource devices() throws IOException {
    HostDevices configured =
        parts.add(
            HostDevices.open(
                options.policy().devices(),
                new DeviceScan(Path.of("/")),
                options.runDir().resolve("devices.json"),
                this::changed));
    Files.writeString(options.devicePluginsFile(), options.devicePlugins().toString());
    DevicePlugins plugins =
        parts.add(
            DevicePlugins.open(
                options.devicePlugins(), options.runDir().resolve("plugins.json"), this::changed));
    return new NodeDevices(List.of(configured, plugins));
  }

  /** The node's status is to be looked at. */
  private void changed() {
    Optional.ofNullable(reporter).ifPresent(NodeReporter::changed);
  }

  /** Opens the session with the master, which may be out of reach. */
  Link connect(ChannelSource channels) throws IOException {
    NodeReporter node =
        parts.add(
            new NodeReporter(
                options,
                address,
                () -> address.texts(desired.networks()),
                engine.runtime(),
                images,
                room::capacity,
                clock.wall(),
                this::obstacle,
                pressure::conditions));
    reporter = node;
    desired.listen(
        change -> {
          if (change instanceof DesiredState.Change.NetworksKnown) {
            node.changed(); // which addresses it tells
          }
        });
    Link session =
        parts.add(
            Link.start(
                new LinkOptions(options.nodeName(), options.version(), node::node),
                channels.telling(network::refused),
                desired,
                services()));
    address.listen(_ -> channels.moved());
    return session;
  }

  /** Why the node cannot run pods, where it cannot. */
  private Optional<String> obstacle() {
    return Optional.ofNullable(pods).map(PodSync::engineIsDown).orElse(false)
        ? Optional.of("container runtime is down")
        : network.obstacle();
  }

  /** What the master asks of the node through tunnels. */
  private NodeServices services() {
    ContainerRuntime runtime = engine.runtime();
    LogFiles logFiles = new LogFiles(runtime);
    NodeMetrics metrics =
        new NodeMetrics(
            runtime,
            options.nodeName().text(),
            options.version(),
            options.dataDir(),
            new VolumeUsages(desired, directories, new TreeSizes()),
            () -> Optional.ofNullable(usage),
            probes,
            network.names(),
            clock.wall());
    NodeEndpoint endpoint =
        new NodeEndpoint(
            metrics, logFiles, options.logs().directory(), new NodeFacade(options, desired));
    return new NodeServices(
        new EngineStreams(runtime, engine.api(), network.podAddress()),
        logFiles,
        new VolumeDirectory(options.volumeDirectory()),
        endpoint::open);
  }

  /** Runs the node's pods and keeps house. */
  void run(Link session) throws IOException, InterruptedException {
    NodeReporter node = Objects.requireNonNull(reporter);
    Reports reports = new NodeReports(session.reports(), checkpoint, manifests);
    EventRecorder recorder = new EventRecorder(reports, options.nodeName().text(), clock.wall());
    PodSync sync = parts.add(sync(session, reports, recorder));
    sync.start();
    pods = sync;
    rotateLogs();
    node.start(reports, recorder);
    network.tell(recorder);
    ImageCollector collector = parts.add(collector(node, recorder));
    pressure.start(
        new NodeRoom.Leavers(
            sync,
            collector,
            resource ->
                warn(node, recorder, "EvictionThresholdMet", "Attempting to reclaim " + resource)));
    parts
        .add(
            new UsageSampler(
                engine.runtime(),
                network::traffic,
                sample -> {
                  usage = sample;
                  reports.usage(sample);
                }))
        .start();
    collector.start();
    LOG.info("node {} runs pods on {}", options.nodeName(), engine.runtime().version());
  }

  private static void warn(
      NodeReporter node, EventRecorder recorder, String reason, String message) {
    recorder.record(node.reference(), "Warning", reason, message);
  }

  private PodSync sync(Link session, Reports reports, EventRecorder recorder) throws IOException {
    return new PodSync(
        engine.runtime(),
        Engine.of(engine::ensure, engine::process),
        network.pods(),
        desired,
        reports,
        recorder,
        clock,
        new PodSync.Settings(
            directories,
            this::facts,
            images,
            session.tokens(),
            options.maxStarts(),
            cgroups,
            NodeRoom.policy(options.policy(), capacity, host),
            room::now,
            devices,
            probes));
  }

  private NodeFacts facts() {
    return new NodeFacts(
        options.nodeName().text(),
        address.texts(desired.networks()),
        network.nameServer().map(InetAddress::getHostAddress).orElse(""),
        options.clusterDomain(),
        capacity.allocatable(ResourceList.CPU),
        capacity.allocatable(ResourceList.MEMORY),
        desired.networks());
  }

  private void rotateLogs() throws IOException {
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

  private ImageCollector collector(NodeReporter node, EventRecorder recorder) {
    return new ImageCollector(
        engine.runtime(),
        images,
        new ImageCollector.Settings(
            options.dataDir(),
            options.images().highPercent(),
            options.images().lowPercent(),
            options.images().maximumAge()),
        clock.wall(),
        message -> warn(node, recorder, "FreeDiskSpaceFailed", message),
        new ImageMounts(directories)::used);
  }
}
