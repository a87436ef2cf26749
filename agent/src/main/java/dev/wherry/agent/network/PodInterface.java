package dev.wherry.agent.network;

import dev.wherry.agent.ip.HardwareAddress;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.agent.ip.Neighbour;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A pod's pair of virtual interfaces: {@code eth0} in the pod with a /32, {@link #hostName} on the
 * node with a host route, no bridge between them. The pod's gateway is the link-local {@link
 * #GATEWAY}, which is nobody's address: both ends know each other's hardware address from the
 * start, so that no ARP is ever asked.
 *
 * <p>Pure: it names and plans, it does not run. Immutable.
 *
 * @param addresses of the pod: one of IPv4, and where the cluster has it one of IPv6
 * @param node the node's addresses in its pod ranges, the source of what it sends to pods
 * @param mtu bytes
 */
record PodInterface(PodUid pod, List<Ip> addresses, List<Ip> node, int mtu) {
  static final String NAME = SandboxFiles.POD_INTERFACE;
  static final Ip GATEWAY = Ip.parse("169.254.1.1");
  static final Ip GATEWAY6 = Ip.parse("fe80::1");
  private static final Cidr EVERYWHERE = Cidr.parse("0.0.0.0/0");
  private static final Cidr EVERYWHERE6 = Cidr.parse("::/0");

  /** Begins the name of every interface that is ours. */
  static final String HOST_NAME_PREFIX = "wh";

  private static final HardwareAddress HOST_HARDWARE_ADDRESS =
      HardwareAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final long LOCALLY_ADMINISTERED = 0x0a58_0000_0000L;
  private static final int HOST_NAME_DIGITS = 12;

  /** The name of the node's end: short enough for the kernel (15), the same for the same uid. */
  static String hostName(PodUid pod) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(pod.text().getBytes(StandardCharsets.UTF_8));
      return HOST_NAME_PREFIX + HexFormat.of().formatHex(hash).substring(0, HOST_NAME_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The IPv4 one. */
  Ip address() {
    return addresses.getFirst();
  }

  /** Locally administered, and unique on the node since the pod's address is. */
  HardwareAddress hardwareAddress() {
    return new HardwareAddress(LOCALLY_ADMINISTERED | Integer.toUnsignedLong(address().lowBits()));
  }

  /** What is done inside the pod's new network namespace. */
  List<IpChange> inside() {
    List<IpChange> changes = new ArrayList<>();
    changes.add(new IpChange.SetUp("lo"));
    changes.add(
        new IpChange.AddPair(
            new IpChange.End(NAME, hardwareAddress()),
            new IpChange.End(hostName(pod), HOST_HARDWARE_ADDRESS),
            mtu));
    changes.add(new IpChange.PutAddress(address(), NAME));
    changes.add(new IpChange.NoGeneratedAddress(NAME));
    changes.add(new IpChange.SetUp(NAME));
    changes.add(new IpChange.PutNeighbour(new Neighbour(GATEWAY, HOST_HARDWARE_ADDRESS, NAME)));
    changes.add(new IpChange.PutRoute(IpRoute.to(GATEWAY, NAME)));
    changes.add(new IpChange.PutRoute(IpRoute.to(EVERYWHERE, NAME).via(GATEWAY).from(address())));
    if (addresses.size() > 1) {
      Ip address6 = addresses.getLast();
      changes.add(new IpChange.PutAddress(address6, NAME));
      changes.add(new IpChange.PutNeighbour(new Neighbour(GATEWAY6, HOST_HARDWARE_ADDRESS, NAME)));
      changes.add(
          new IpChange.PutRoute(IpRoute.to(EVERYWHERE6, NAME).via(GATEWAY6).from(address6)));
    }
    return changes;
  }

  /** What is done on the node afterwards. The IPv4 route comes last: it says "done". */
  List<IpChange> onNode() {
    String device = hostName(pod);
    List<IpChange> changes = new ArrayList<>();
    changes.add(new IpChange.NoGeneratedAddress(device));
    changes.add(new IpChange.SetUp(device));
    for (int i = addresses.size() - 1; i >= 0; i--) {
      Ip each = addresses.get(i);
      changes.add(new IpChange.PutNeighbour(new Neighbour(each, hardwareAddress(), device)));
      changes.add(new IpChange.PutRoute(IpRoute.to(each, device).from(node.get(i))));
    }
    return changes;
  }
}
