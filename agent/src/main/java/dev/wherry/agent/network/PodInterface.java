package dev.wherry.agent.network;

import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A pod's pair of virtual interfaces: {@code eth0} in the pod with a /32, {@link #hostName} on the
 * node with a host route, no bridge between them. The pod's gateway is the link-local {@link
 * #GATEWAY}, which is nobody's address: both ends know each other's hardware address from the
 * start, so that no ARP is ever asked.
 *
 * <p>Pure: it names and renders, it does not run. Immutable.
 *
 * @param addresses of the pod: one of IPv4, and where the cluster has it one of IPv6
 * @param node the node's addresses in its pod ranges, the source of what it sends to pods
 * @param mtu bytes
 */
record PodInterface(PodUid pod, List<Ip> addresses, List<Ip> node, int mtu) {
  static final String NAME = SandboxFiles.POD_INTERFACE;
  static final String GATEWAY = "169.254.1.1";
  static final String GATEWAY6 = "fe80::1";

  /** Begins the name of every interface that is ours. */
  static final String HOST_NAME_PREFIX = "wh";

  private static final String HOST_HARDWARE_ADDRESS = "ee:ee:ee:ee:ee:ee";
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
  String hardwareAddress() {
    return "0a:58:" + HexFormat.ofDelimiter(":").formatHex(address().bytes());
  }

  /**
   * What {@code ip -batch} runs inside the pod's new network namespace.
   *
   * @param hostNamespace path of the node's network namespace, where the other end belongs
   */
  String renderInside(String hostNamespace) {
    String lines =
        """
    link set lo up
    link add %1$s mtu %2$d address %3$s type veth peer name %4$s mtu %2$d address %5$s netns %6$s
    addr add %7$s/32 dev %1$s
    link set %1$s addrgenmode none
    link set %1$s up
    neigh replace %8$s lladdr %5$s dev %1$s nud permanent
    route replace %8$s dev %1$s scope link
    route replace default via %8$s dev %1$s src %7$s
    """
            .formatted(
                NAME,
                mtu,
                hardwareAddress(),
                hostName(pod),
                HOST_HARDWARE_ADDRESS,
                hostNamespace,
                address().text(),
                GATEWAY);
    return addresses.size() == 1 ? lines : lines + renderInside6();
  }

  /** Nobody else can have the address, so that it need not be asked for. */
  private String renderInside6() {
    return """
    addr add %1$s/128 dev %2$s nodad
    neigh replace %3$s lladdr %4$s dev %2$s nud permanent
    route replace default via %3$s dev %2$s src %1$s
    """
        .formatted(addresses.getLast().text(), NAME, GATEWAY6, HOST_HARDWARE_ADDRESS);
  }

  /** What {@code ip -batch} runs on the node afterwards. The route comes last: it says "done". */
  String renderOnNode() {
    String lines =
        """
    link set %1$s addrgenmode none
    link set %1$s up
    neigh replace %2$s lladdr %3$s dev %1$s nud permanent
    route replace %2$s/32 dev %1$s scope link src %4$s
    """
            .formatted(hostName(pod), address().text(), hardwareAddress(), node.getFirst().text());
    return addresses.size() == 1 ? lines : renderOnNode6() + lines;
  }

  private String renderOnNode6() {
    return """
    link set %1$s addrgenmode none
    link set %1$s up
    neigh replace %2$s lladdr %3$s dev %1$s nud permanent
    route replace %2$s/128 dev %1$s src %4$s
    """
        .formatted(
            hostName(pod), addresses.getLast().text(), hardwareAddress(), node.getLast().text());
  }
}
