package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.NodeNetwork;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.dns.ClusterZone;
import dev.wherry.agent.dns.DnsCounts;
import dev.wherry.agent.dns.DnsServer;
import dev.wherry.agent.dns.NameLookup;
import dev.wherry.agent.ingress.Ingresses;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpLayers;
import dev.wherry.agent.network.AnnouncedAddresses;
import dev.wherry.agent.network.NodePodNetwork;
import dev.wherry.agent.network.OwnAddress;
import dev.wherry.agent.network.PeerMode;
import dev.wherry.agent.network.PeerNetwork;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.network.ProxyMode;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.network.cni.CniDirectory;
import dev.wherry.agent.network.cni.CniPlugins;
import dev.wherry.agent.network.cni.CniPodNetwork;
import dev.wherry.agent.nft.AbsentNft;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.Nfts;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.agent.services.Backend;
import dev.wherry.agent.services.Balancer;
import dev.wherry.agent.services.KernelBalancer;
import dev.wherry.agent.services.ServiceDataplane;
import dev.wherry.agent.services.userspace.LocalAddresses;
import dev.wherry.agent.services.userspace.UserspaceBalancer;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.usage.NodeTraffic;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's network, whole: pods' interfaces, ways to other nodes, services, policies, routes,
 * names.
 */
final class NodeNetworking implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeNetworking.class);

  /** How long what an earlier agent left in the kernel stays, while no master is heard of. */
  private static final Duration MASTER_WITHIN = Duration.ofSeconds(5);

  /** What was started, to be ended in the opposite order. */
  private final Parts parts =
      new Parts((part, failure) -> LOG.warn("cannot end {}: {}", part, failure.toString()));

  private final AgentOptions options;
  private final DesiredState desired;
  private final OwnAddress own;
  private final CompletableFuture<Void> heard;
  private final IpLayer ip;
  private final Nft nft;
  private final NodePodNetwork pods;
  private final NetworkEvents events;
  private final PolicyDataplane policies;
  private final ServiceDataplane services;
  private final Ipv6Dataplane six;
  private final Ingresses ingresses;
  private final AnnouncedAddresses announced;
  private final DnsCounts names = new DnsCounts();

  private NodeNetworking(
      AgentOptions options, PodNamespaces namespaces, DesiredState desired, OwnAddress own)
      throws IOException, InterruptedException {
    this.options = options;
    this.desired = desired;
    this.own = own;
    this.heard = desired.heardWithin(MASTER_WITHIN);
    this.ip = parts.add(IpLayers.open());
    this.nft = parts.add(usable(Nfts.open()));
    if (!nft.isUsable() && options.network().proxy() == ProxyMode.NFTABLES) {
      throw new IOException("--proxy-mode nftables: nftables cannot be used on this machine");
    }
    this.pods = openPods(namespaces);
    this.events = new NetworkEvents(desired);
    this.policies =
        new PolicyDataplane(
            desired, IpFamily.IPV4, options.policiesTable(), nft, this::address, heard);
    this.services =
        parts.add(
            new ServiceDataplane(desired, options.nodeName(), IpFamily.IPV4, balancer(), heard));
    this.six = parts.add(new Ipv6Dataplane(options, desired, nft, this::addressOf, heard));
    this.ingresses =
        parts.add(
            new Ingresses(
                desired,
                options.nodeName(),
                new NameLookup(this::nameServer)::addresses,
                events::ingress,
                options.network().httpPort(),
                options.network().httpsPort()));
    this.announced =
        new AnnouncedAddresses(desired, options.nodeName(), ip, announcedFile(options));
  }

  static NodeNetworking start(
      AgentOptions options, PodNamespaces namespaces, DesiredState desired, OwnAddress own)
      throws IOException, InterruptedException {
    NodeNetworking network = new NodeNetworking(options, namespaces, desired, own);
    try {
      network.compose();
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Nothing but a log line tells of a kernel without nftables, so it says what follows. */
  static Nft usable(Nft found) throws InterruptedException {
    Optional<String> obstacle = KernelBalancer.obstacle(found);
    if (obstacle.isEmpty()) {
      return found;
    }
    LOG.warn(
        "nftables cannot be used on this machine ({}): services are balanced in this process, where"
            + " backends see the node's address; network policies hold for what goes through"
            + " services alone; pods reach other networks only where routes lead back to them",
        obstacle.get());
    found.close();
    return new AbsentNft();
  }

  /** A directory for each pod's namespaces. */
  static Path sandboxes(AgentOptions options) {
    return options.runDir().resolve("network");
  }

  private NodePodNetwork openPods(PodNamespaces namespaces)
      throws IOException, InterruptedException {
    Path sandboxes = sandboxes(options);
    Optional<NodeNetwork.Cni> cni = options.network().cni();
    if (cni.isPresent()) {
      LOG.info("pods are connected by the plugins of {}", cni.get().configurations());
      return CniPodNetwork.open(
          sandboxes,
          namespaces,
          ip,
          new CniDirectory(cni.get().configurations()),
          new CniPlugins(cni.get().programs()),
          desired,
          own::current);
    }
    return VethPodNetwork.open(sandboxes, namespaces, ip, options.networkTable(), nft);
  }

  private void compose() throws IOException {
    connect();
    hold();
    services.start();
    ingresses.start();
    parts.add(
        DnsServer.start(
            ClusterZone.follow(desired, options.clusterDomain()),
            this::nameServer,
            Path.of("/etc/resolv.conf"),
            names));
  }

  private Balancer balancer() {
    return isUserspace()
        ? new UserspaceBalancer(new LocalAddresses(ip), this::admits, events::service)
        : new KernelBalancer(options.servicesTable(), nft, IpFamily.IPV4);
  }

  private boolean admits(Ip client, String protocol, Backend backend) {
    return policies.admits(client, backend.ip(), protocol, backend.port());
  }

  private boolean isUserspace() {
    return options.network().proxy() == ProxyMode.USERSPACE || !nft.isUsable();
  }

  /** Plugins bring their own ways to other nodes, unless these are asked for. */
  private void connect() {
    Optional<PeerMode> mode = options.network().peers();
    if (mode.isPresent()) {
      PeerNetwork peers =
          new PeerNetwork(desired, options.nodeName(), own, ip, mode.get(), options.tunnelDevice());
      if (pods instanceof VethPodNetwork veths) {
        veths.limitMtu(peers::podMtu);
        veths.whenConfigured(peers::ask);
      }
      pods.follow(desired);
      peers.follow();
      services.alsoKeep(peers::assertPeers);
    } else {
      pods.follow(desired);
    }
    services.alsoKeep(pods::assertNode);
  }

  private void hold() {
    boolean mappedByPlugins = pods instanceof CniPodNetwork cni && cni.mapsHostPorts();
    services.locatePods(pod -> mappedByPlugins ? Optional.empty() : address(pod));
    if (!isUserspace()) {
      six.follow();
      services.alsoKeep(six::check);
    }
    pods.whenMoved(
        pod -> {
          policies.podMoved(pod);
          services.podMoved(pod);
          six.podMoved(pod);
        });
    policies.start();
    services.alsoKeep(policies::check);
    tellUnheld();
    announced.follow();
    services.alsoKeep(announced::assertAddresses);
  }

  private void tellUnheld() {
    String node = "node " + options.nodeName().text();
    if (!nft.isUsable()) {
      events.policies(
          node + " has no nftables: it holds this policy for what goes through services alone");
    } else if (isUserspace()) {
      events.policies(
          node
              + " balances services in userspace mode: through a service, pods of other nodes see"
              + " this node's address and not the client's");
    }
  }

  /** The master does not know this node (any more): what others do in its place, it leaves. */
  void refused() {
    announced.giveUp();
  }

  /** Has what this node cannot do for services and policies told as events. */
  void tell(EventRecorder recorder) {
    events.start(recorder);
  }

  private Optional<Ip> address(PodUid pod) {
    return Optional.ofNullable(pods.addresses().get(pod));
  }

  /** Of the built-in network alone: what plugins give is not looked at beyond IPv4. */
  private Optional<Ip> addressOf(PodUid pod) {
    return pods instanceof VethPodNetwork
        ? address(pod)
            .flatMap(
                ip ->
                    desired.networks().podIps(ip.text()).stream()
                        .map(Ip::parse)
                        .filter(each -> !each.isIpv4())
                        .findFirst())
        : Optional.empty();
  }

  /** What went to services and through routes. */
  NodeTraffic traffic() {
    return new NetworkTraffic(services, six, ingresses).read();
  }

  /** Why pods cannot be connected now, as CRI runtimes and kubelet say it; empty: they can. */
  Optional<String> obstacle() {
    try {
      return pods.obstacle()
          .map(
              why ->
                  "container runtime network not ready: NetworkReady=false"
                      + " reason:NetworkPluginNotReady message:Network plugin returns error: "
                      + why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  PodNetwork pods() {
    return pods;
  }

  /** What names were asked for. */
  DnsCounts names() {
    return names;
  }

  /** Where a pod's ports are reached: its own address, or the loopback of the host's network. */
  Function<PodUid, Optional<InetAddress>> podAddress() {
    return pod -> {
      Ip address = pods.addresses().get(pod);
      return Optional.of((address == null ? own.current() : address).inet());
    };
  }

  /** Where pods ask for names; empty before the service range is known. */
  Optional<InetAddress> nameServer() {
    String services = desired.networks().of(IpFamily.IPV4).serviceCidr();
    return services.isEmpty()
        ? Optional.empty()
        : Optional.of(NodePodNetwork.nameServerAddress(Cidr.parse(services)).inet());
  }

  static Path announcedFile(AgentOptions options) {
    return options.runDir().resolve("announced");
  }

  /** Ends this process's part. What is in the kernel stays. */
  @Override
  public void close() {
    parts.close();
  }
}
