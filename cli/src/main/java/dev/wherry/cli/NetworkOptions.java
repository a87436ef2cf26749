package dev.wherry.cli;

import dev.wherry.api.address.IpRanges;
import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.ipam.ClusterNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/**
 * The cluster's ranges. They are chosen when a cluster is made and remembered in its data
 * directory: objects and pods have addresses of them.
 */
final class NetworkOptions {
  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

  @Option(
      names = "--cluster-cidr",
      paramLabel = "CIDR",
      description =
          "where pods' addresses come from (default: 10.42.0.0/16); a comma and an IPv6 range after"
              + " it, such as 10.42.0.0/16,fd42::/48, make a cluster with both address families",
      defaultValue = "")
  private String clusterCidr = "";

  @Option(
      names = "--service-cidr",
      paramLabel = "CIDR",
      description =
          "where services' addresses come from (default: 10.43.0.0/16), of the same families as"
              + " --cluster-cidr: 10.43.0.0/16,fd43::/112",
      defaultValue = "")
  private String serviceCidr = "";

  @Option(
      names = "--node-cidr-mask-size",
      paramLabel = "BITS",
      description = "how large a part of --cluster-cidr each node gets (default: 24)",
      defaultValue = "")
  private String nodeBits = "";

  @Option(
      names = "--node-cidr-mask-size-ipv6",
      paramLabel = "BITS",
      description = "how large a part of the IPv6 range of --cluster-cidr (default: 64)",
      defaultValue = "")
  private String nodeBits6 = "";

  @Option(
      names = "--service-node-port-range",
      paramLabel = "FIRST-LAST",
      description = "what node ports are given from (default: 30000-32767)",
      defaultValue = "")
  private String nodePorts = "";

  @Option(
      names = "--load-balancer-pool",
      paramLabel = "FIRST-LAST",
      description =
          "addresses of the nodes' network, or a CIDR, for services of type LoadBalancer; they are"
              + " announced by ARP (default: none, such services have the nodes' addresses)",
      defaultValue = "")
  private String loadBalancerPool = "";

  AddressRange loadBalancers() {
    try {
      return AddressRange.parse(loadBalancerPool);
    } catch (IllegalArgumentException e) {
      throw new UserError("--load-balancer-pool: " + e.getMessage(), e);
    }
  }

  /**
   * The ranges given, else those that the cluster was made with, else the defaults.
   *
   * @param master the master's directory, where they are remembered
   * @throws UserError when they cannot be, or are not those of the cluster that is there
   */
  ClusterNetwork network(Path master) throws IOException {
    Path file = master.resolve("network");
    ClusterNetwork made = Files.exists(file) ? read(file) : ClusterNetwork.DEFAULT;
    ClusterNetwork asked = asked(made);
    if (Files.exists(file)) {
      if (!asked.equals(made)) {
        throw new UserError(
            "the cluster in "
                + master
                + " was made with "
                + String.join(" ", lines(made))
                + " and cannot get other ranges");
      }
      return made;
    }
    Files.createDirectories(master);
    Files.write(file, lines(asked));
    return asked;
  }

  private ClusterNetwork asked(ClusterNetwork otherwise) {
    try {
      Matcher ports = PORTS.matcher(nodePorts);
      if (!nodePorts.isEmpty() && !ports.matches()) {
        throw new UserError("--service-node-port-range must be FIRST-LAST, not " + nodePorts);
      }
      ClusterNetwork network =
          new ClusterNetwork(
              serviceCidr.isEmpty() ? otherwise.services() : IpRanges.parse(serviceCidr),
              clusterCidr.isEmpty() ? otherwise.pods() : IpRanges.parse(clusterCidr),
              nodeBits.isEmpty() ? otherwise.nodePrefixLength() : Integer.parseInt(nodeBits),
              nodeBits6.isEmpty() ? otherwise.nodePrefixLength6() : Integer.parseInt(nodeBits6),
              nodePorts.isEmpty() ? otherwise.firstNodePort() : Integer.parseInt(ports.group(1)),
              nodePorts.isEmpty() ? otherwise.lastNodePort() : Integer.parseInt(ports.group(2)));
      if (network.services().overlaps(network.pods())) {
        throw new UserError(
            "--cluster-cidr "
                + network.pods()
                + " and --service-cidr "
                + network.services()
                + " overlap");
      }
      return network;
    } catch (NumberFormatException e) {
      String bits = nodeBits6.isEmpty() ? nodeBits : nodeBits + " and " + nodeBits6;
      throw new UserError("--node-cidr-mask-size must be a number, not " + bits, e);
    } catch (IllegalArgumentException e) {
      throw new UserError("the cluster's ranges: " + e.getMessage(), e);
    }
  }

  private static List<String> lines(ClusterNetwork network) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                network.pods().toString(),
                network.services().toString(),
                Integer.toString(network.nodePrefixLength()),
                network.firstNodePort() + "-" + network.lastNodePort()));
    if (network.pods().ipv6().isPresent()) {
      lines.add(Integer.toString(network.nodePrefixLength6()));
    }
    return lines;
  }

  private static ClusterNetwork read(Path file) throws IOException {
    NetworkOptions remembered = new NetworkOptions();
    List<String> lines = Files.readAllLines(file);
    if (lines.size() != 4 && lines.size() != 5) {
      throw new UserError(file + " is damaged");
    }
    remembered.clusterCidr = lines.get(0);
    remembered.serviceCidr = lines.get(1);
    remembered.nodeBits = lines.get(2);
    remembered.nodePorts = lines.get(3);
    remembered.nodeBits6 = lines.size() == 5 ? lines.get(4) : "";
    return remembered.asked(ClusterNetwork.DEFAULT);
  }
}
