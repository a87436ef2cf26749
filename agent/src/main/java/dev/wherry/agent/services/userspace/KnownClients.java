package dev.wherry.agent.services.userspace;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whom clients' addresses tell that they are. Asked by every loop, told by one thread.
 *
 * <p>What the node sends to an address that was made local has that very address as its source: the
 * kernel takes it for its own, and lets nobody else come with it.
 */
final class KnownClients implements Target.Clients {
  private volatile List<Cidr> cluster = List.of();
  private volatile List<Cidr> services = List.of();
  private volatile Set<Ip> interfaces = Set.of();
  private volatile Set<Ip> own = Set.of();

  void begin(Networks networks) {
    cluster = List.of(Cidr.parse(networks.clusterCidr()));
    services = List.of(Cidr.parse(networks.serviceCidr()));
  }

  /**
   * @param onInterfaces all addresses that the node's interfaces have
   * @param external addresses of services that are the node's beside them
   */
  void own(Set<Ip> onInterfaces, Collection<String> external) {
    Set<Ip> all = new HashSet<>(onInterfaces);
    external.forEach(address -> all.add(Ip.parse(address)));
    interfaces = onInterfaces;
    own = Set.copyOf(all);
  }

  Set<Ip> interfaces() {
    return interfaces;
  }

  @Override
  public boolean isNode(Ip client) {
    return own.contains(client) || client.isLoopback() || isService(client);
  }

  @Override
  public boolean isInside(Ip client) {
    return isNode(client) || contains(cluster, client);
  }

  @Override
  public boolean isService(Ip address) {
    return contains(services, address);
  }

  private static boolean contains(List<Cidr> ranges, Ip client) {
    return ranges.stream().anyMatch(range -> range.contains(client));
  }
}
