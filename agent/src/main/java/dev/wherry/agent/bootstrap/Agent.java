package dev.wherry.agent.bootstrap;

import dev.wherry.agent.checkpoint.DesiredCheckpoint;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.dns.ClusterZone;
import dev.wherry.agent.dns.DnsServer;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.ingress.Ingresses;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Link;
import dev.wherry.agent.link.LinkOptions;
import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.network.AnnouncedAddresses;
import dev.wherry.agent.network.Ipv4Cidr;
import dev.wherry.agent.network.OwnAddress;
import dev.wherry.agent.network.PeerNetwork;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.Nfts;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.runtime.podman.PodmanRuntime;
import dev.wherry.agent.runtime.podman.PodmanService;
import dev.wherry.agent.runtime.podman.PodmanStreams;
import dev.wherry.agent.services.ServiceDataplane;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.PodSync;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.agent.usage.UsageSampler;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.agent.volume.VolumeDirectory;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
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
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
  private final Optional<PodmanService> service;

  private Agent(Optional<PodmanService> service) {
    this.service = service;
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
    Optional<PodmanService> service =
        options.engine().isPresent()
            ? Optional.empty()
            : Optional.of(new PodmanService(options.dataDir(), options.runDir(), host));
    Agent agent = new Agent(service);
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
    if (service.isPresent()) {
      service.get().ensure();
    }
    PodmanRuntime runtime = own(runtime(options, host));
    new Images(runtime).preload(options.dataDir().resolve("images"));

    DesiredState desired = new DesiredState();
    own(DesiredCheckpoint.open(desired, options.dataDir().resolve("agent")));

    Nft nft = own(Nfts.open());
    VethPodNetwork network =
        VethPodNetwork.open(options.runDir().resolve("network"), options.networkTable(), nft);
    OwnAddress address = own(OwnAddress.of(options.nodeAddress()));
    PeerNetwork peers =
        new PeerNetwork(
            desired,
            options.nodeName(),
            address,
            options.network().peers(),
            options.tunnelDevice());
    network.limitMtu(peers::podMtu);
    network.whenConfigured(peers::ask);
    network.follow(desired);
    peers.follow();
    ServiceDataplane services =
        own(new ServiceDataplane(desired, options.nodeName(), options.servicesTable(), nft));
    services.locatePods(pod -> Optional.ofNullable(network.addresses().get(pod)));
    PolicyDataplane policies =
        new PolicyDataplane(
            desired,
            options.policiesTable(),
            nft,
            pod -> Optional.ofNullable(network.addresses().get(pod)));
    network.whenMoved(
        pod -> {
          policies.podMoved(pod);
          services.podMoved(pod);
        });
    policies.start();
    services.alsoKeep(policies::check);
    services.alsoKeep(network::assertNode);
    services.alsoKeep(peers::assertPeers);
    AnnouncedAddresses announced =
        new AnnouncedAddresses(desired, options.nodeName(), announcedFile(options));
    announced.follow();
    services.alsoKeep(announced::assertAddresses);
    services.start();
    Ingresses ingresses =
        own(new Ingresses(desired, options.network().httpPort(), options.network().httpsPort()));
    ingresses.start();
    own(
        DnsServer.start(
            ClusterZone.follow(desired, options.clusterDomain()),
            () -> nameServer(desired),
            Path.of("/etc/resolv.conf")));

    NodeCapacity capacity = NodeCapacity.read(options.dataDir());
    AtomicReference<@Nullable PodSync> sync = new AtomicReference<>();
    InstantSource clock = InstantSource.system();
    NodeReporter node =
        own(
            new NodeReporter(
                options,
                address,
                runtime,
                capacity,
                clock,
                () -> {
                  PodSync started = sync.get();
                  return started == null || started.engineAnswers();
                }));
    Link session =
        own(
            Link.start(
                new LinkOptions(options.nodeName(), options.version(), node::node),
                channels,
                desired,
                new PodmanStreams(runtime, podAddress(network, address)),
                new LogFiles(runtime),
                new VolumeDirectory(options.volumeDirectory())));
    link.set(session);
    Reports reports = session.reports();
    EventRecorder recorder = new EventRecorder(reports, options.nodeName().text(), clock);
    PodSync pods =
        own(
            new PodSync(
                runtime,
                this::ensureEngine,
                network,
                desired,
                reports,
                recorder,
                clock,
                new PodSync.Settings(
                    new PodDirectories(options.dataDir(), options.runDir()),
                    () -> facts(options, address, desired, capacity),
                    options.maxStarts())));
    pods.start();
    sync.set(pods);
    node.start(reports, recorder);
    own(new UsageSampler(runtime, reports::usage)).start();
    log.info("node {} runs pods on {}", options.nodeName(), runtime.version());
  }

  private PodmanRuntime runtime(AgentOptions options, HostAbilities host) throws IOException {
    Path socket =
        options
            .engine()
            .map(AgentOptions.Engine::socket)
            .or(() -> service.map(PodmanService::socket))
            .orElseThrow();
    Path exits =
        options
            .engine()
            .map(AgentOptions.Engine::exits)
            .or(() -> service.map(PodmanService::exits))
            .orElseThrow();
    return new PodmanRuntime(socket, exits, host.lowestOomScoreAdj());
  }

  private static Path announcedFile(AgentOptions options) {
    return options.runDir().resolve("announced");
  }

  /** Where pods ask for names; empty before the service range is known. */
  private static Optional<InetAddress> nameServer(DesiredState desired) {
    String services = desired.networks().serviceCidr();
    return services.isEmpty()
        ? Optional.empty()
        : Optional.of(VethPodNetwork.nameServerAddress(Ipv4Cidr.parse(services)));
  }

  private static NodeFacts facts(
      AgentOptions options, OwnAddress address, DesiredState desired, NodeCapacity capacity) {
    return new NodeFacts(
        options.nodeName().text(),
        address.text(),
        nameServer(desired).map(InetAddress::getHostAddress).orElse(""),
        options.clusterDomain(),
        capacity.cpuMillis(),
        capacity.allocatableMemoryBytes());
  }

  /** Where a pod's ports are reached: its own address, or the loopback of the host's network. */
  private static Function<PodUid, Optional<InetAddress>> podAddress(
      PodNetwork network, OwnAddress own) {
    return pod -> {
      InetAddress address = network.addresses().get(pod);
      return Optional.of(address == null ? own.current() : address);
    };
  }

  private void ensureEngine() throws IOException, InterruptedException {
    if (service.isPresent()) {
      service.get().ensure();
    }
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  /** Whether the master has answered the session that is open now. */
  public boolean isConnected() {
    Link session = link.get();
    return session != null && session.isConnected();
  }

  /** The process of the Podman service that this agent runs; empty for somebody else's. */
  public Optional<ProcessHandle> engineProcess() {
    return service.flatMap(PodmanService::process);
  }

  /** Ends the agent's own work. Pods, services and Podman's service run on. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        log.warn("cannot end {}: {}", part.getClass().getSimpleName(), e.toString());
      }
    }
  }

  /**
   * Removes all that agents on these directories left on the machine: pods, namespaces, rules,
   * images, files. No agent runs on them any more. May be called again after a failure.
   */
  public static void purge(AgentOptions options) throws IOException, InterruptedException {
    if (options.engine().isEmpty()) {
      new PodmanService(options.dataDir(), options.runDir(), HostAbilities.read()).purge();
    }
    try (Nft nft = Nfts.open()) {
      Path network = options.runDir().resolve("network");
      if (Files.isDirectory(network)) {
        VethPodNetwork pods = VethPodNetwork.open(network, options.networkTable(), nft);
        PeerNetwork.purge(options.tunnelDevice(), pods.cluster());
        pods.purge();
      }
      AnnouncedAddresses.purge(announcedFile(options));
      PolicyDataplane.purge(options.policiesTable(), nft);
      ServiceDataplane.purge(options.servicesTable(), nft);
    }
    VolumeApplier.purge(new PodDirectories(options.dataDir(), options.runDir()));
    VolumeApplier.deleteTree(options.volumeDirectory());
    VolumeApplier.deleteTree(options.dataDir().resolve("agent"));
    VolumeApplier.deleteTree(options.dataDir().resolve("images"));
  }
}
