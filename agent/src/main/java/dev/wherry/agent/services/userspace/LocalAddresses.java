package dev.wherry.agent.services.userspace;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.IpRoute;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the services' addresses those of the machine: one route of type local for their whole
 * range, whatever services there are, and one for each external address that no interface has. What
 * nobody listens on is refused by the kernel then. Confined to one thread.
 */
public final class LocalAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(LocalAddresses.class);

  /** Marks our routes, for who removes what we left. */
  private static final int PROTOCOL = 87;

  private final IpLayer ip;
  private final Set<IpRoute> ours = new LinkedHashSet<>();
  private String services = "";

  /**
   * @param ip of the network namespace that this process listens in
   */
  public LocalAddresses(IpLayer ip) {
    this.ip = ip;
  }

  void begin(String serviceRange) {
    services = serviceRange;
  }

  /** All IPv4 addresses of the machine's interfaces. */
  static Set<Ip> current() throws SocketException {
    Set<Ip> all = new HashSet<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (address instanceof Inet4Address ipv4) {
          all.add(Ip.of(ipv4));
        }
      }
    }
    return Set.copyOf(all);
  }

  /** Has the service range and these addresses local, and no others that we made so. */
  void assertLocal(Collection<String> external) throws IOException, InterruptedException {
    Set<Ip> onInterfaces = current();
    Set<IpRoute> wanted = new LinkedHashSet<>();
    wanted.add(ours(IpRoute.to(Cidr.parse(services), "lo")));
    for (String address : external) {
      if (!onInterfaces.contains(Ip.parse(address))) {
        wanted.add(ours(IpRoute.to(Ip.parse(address), "lo")));
      }
    }
    List<IpRoute> there = listed(ip);
    List<IpChange> changes = new ArrayList<>();
    for (IpRoute each : ours) {
      if (!wanted.contains(each) && there.contains(each)) {
        changes.add(new IpChange.DropRoute(each));
      }
    }
    for (IpRoute each : wanted) {
      if (!there.contains(each)) {
        changes.add(new IpChange.PutRoute(each));
      }
    }
    ip.apply(changes);
    ours.clear();
    ours.addAll(wanted);
  }

  private static IpRoute ours(IpRoute route) {
    return route.local().by(PROTOCOL);
  }

  private static List<IpRoute> listed(IpLayer ip) throws IOException, InterruptedException {
    return ip.routes(PROTOCOL).stream().filter(each -> each.kind() == IpRoute.Kind.LOCAL).toList();
  }

  /** Takes away what agents on this machine made local. */
  public static void purge(IpLayer ip) throws InterruptedException {
    try {
      for (IpRoute each : listed(ip)) {
        ip.apply(List.of(new IpChange.DropRoute(each)));
      }
    } catch (IOException e) {
      LOG.warn("local routes may remain: {}", e.getMessage());
    }
  }
}
