package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpLayers;
import dev.wherry.agent.network.AnnouncedAddresses;
import dev.wherry.agent.network.PeerNetwork;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.network.VethPodNetwork;
import dev.wherry.agent.network.cni.CniPodNetwork;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.Nfts;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.agent.services.KernelBalancer;
import dev.wherry.agent.services.userspace.LocalAddresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Removes what agents left in the kernel's network. */
final class NetworkPurge {
  private NetworkPurge() {}

  /** Of agents on these directories; none runs on them any more. */
  static void run(AgentOptions options, PodNamespaces namespaces)
      throws IOException, InterruptedException {
    try (IpLayer ip = IpLayers.open();
        Nft nft = NodeNetworking.usable(Nfts.open())) {
      Path network = NodeNetworking.sandboxes(options);
      if (Files.isDirectory(network)) {
        CniPodNetwork.disconnectAll(network, ip);
        VethPodNetwork pods =
            VethPodNetwork.open(network, namespaces, ip, options.networkTable(), nft);
        PeerNetwork.purge(ip, options.tunnelDevice(), pods.cluster());
        pods.purge();
      }
      AnnouncedAddresses.purge(ip, NodeNetworking.announcedFile(options));
      LocalAddresses.purge(ip);
      if (nft.isUsable()) {
        PolicyDataplane.purge(options.policiesTable(), nft);
        KernelBalancer.purge(options.servicesTable(), nft);
        Ipv6Dataplane.purge(options, nft);
      }
    }
  }
}
