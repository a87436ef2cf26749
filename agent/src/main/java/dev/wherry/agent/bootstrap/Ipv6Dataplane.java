package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.nft.Ipv6Nft;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.agent.services.KernelBalancer;
import dev.wherry.agent.services.ServiceCount;
import dev.wherry.agent.services.ServiceDataplane;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services and policies of IPv6, beside those of IPv4 and in tables of the same names. They are
 * made when the cluster is known to have both families: elsewhere they cost nothing. Thread-safe.
 */
final class Ipv6Dataplane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ipv6Dataplane.class);

  private final AgentOptions options;
  private final DesiredState desired;
  private final Nft nft;
  private final Function<PodUid, Optional<Ip>> addresses;
  private final CompletableFuture<Void> heard;
  private volatile Optional<Running> running = Optional.empty();

  private record Running(ServiceDataplane services, PolicyDataplane policies) {}

  /**
   * @param addresses the IPv6 ones of this node's pods
   * @param heard when a checkpoint may replace what an earlier agent left in the kernel
   */
  Ipv6Dataplane(
      AgentOptions options,
      DesiredState desired,
      Nft nft,
      Function<PodUid, Optional<Ip>> addresses,
      CompletableFuture<Void> heard) {
    this.options = options;
    this.desired = desired;
    this.nft = nft;
    this.addresses = addresses;
    this.heard = heard;
  }

  /** Begins as soon as the cluster has both families. */
  void follow() {
    desired.listen(
        change -> {
          if (change instanceof Change.NetworksKnown(var networks)) {
            startIfBoth(networks);
          }
        });
    startIfBoth(desired.networks());
  }

  private synchronized void startIfBoth(Networks networks) {
    if (running.isPresent() || networks.of(IpFamily.IPV6).equals(Networks.UNKNOWN)) {
      return;
    }
    LOG.info("the cluster has IPv6 as well: {}", networks);
    ServiceDataplane services =
        new ServiceDataplane(
            desired,
            options.nodeName(),
            IpFamily.IPV6,
            new KernelBalancer(options.servicesTable(), nft, IpFamily.IPV6),
            heard);
    services.locatePods(addresses);
    PolicyDataplane policies =
        new PolicyDataplane(desired, IpFamily.IPV6, options.policiesTable(), nft, addresses, heard);
    running = Optional.of(new Running(services, policies));
    policies.start();
    services.start();
  }

  /** A pod of this node has got its addresses or lost them. Blocks until policies know it. */
  void podMoved(PodUid pod) {
    running.ifPresent(
        both -> {
          both.policies().podMoved(pod);
          both.services().podMoved(pod);
        });
  }

  /** Puts back what others may have taken away; services look after themselves. */
  void check() throws IOException, InterruptedException {
    if (running.isPresent()) {
      running.get().policies().check();
    }
  }

  /** What went to each service from this node over IPv6. */
  Map<ObjectKey, ServiceCount> counts() throws IOException, InterruptedException {
    return running.isPresent() ? running.get().services().counts() : Map.of();
  }

  @Override
  public void close() {
    running.ifPresent(both -> both.services().close());
  }

  /** Removes a cluster's tables of IPv6, where it had any. */
  static void purge(AgentOptions options, Nft nft) throws IOException, InterruptedException {
    String tables = nft.run("list tables ip6\n");
    if (tables.contains("table ip6 " + options.policiesTable() + "\n")) {
      PolicyDataplane.purge(options.policiesTable(), new Ipv6Nft(nft));
    }
    if (tables.contains("table ip6 " + options.servicesTable() + "\n")) {
      KernelBalancer.purge(options.servicesTable(), new Ipv6Nft(nft));
    }
  }
}
