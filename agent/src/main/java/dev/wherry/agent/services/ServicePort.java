package dev.wherry.agent.services;

import dev.wherry.api.object.ObjectKey;
import java.util.List;
import java.util.SortedSet;

/**
 * One port of a service with all that balancing it needs, resolved from the service and its
 * endpoint slices. Immutable.
 *
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 * @param clusterIps addresses that the cluster itself uses
 * @param externalIps {@code spec.externalIPs} and those of a load balancer
 * @param guard of those external addresses that not everybody may come to
 * @param nodePort 0: none
 * @param internal which backends traffic to a cluster IP may reach
 * @param external which backends traffic to an external address or the node port may reach
 * @param affinitySeconds how long a client keeps its backend; 0: no affinity
 * @param backends the cluster's, sorted, none twice
 * @param localBackends this node's, sorted, none twice
 */
public record ServicePort(
    ObjectKey service,
    String name,
    String protocol,
    int port,
    SortedSet<String> clusterIps,
    SortedSet<String> externalIps,
    SourceGuard guard,
    int nodePort,
    TrafficPolicy internal,
    TrafficPolicy external,
    long affinitySeconds,
    List<Backend> backends,
    List<Backend> localBackends) {

  /** {@code externalTrafficPolicy} and {@code internalTrafficPolicy}. */
  public enum TrafficPolicy {
    CLUSTER,
    LOCAL;

    static TrafficPolicy of(String text) {
      return text.equals("Local") ? LOCAL : CLUSTER;
    }
  }

  public List<Backend> internalBackends() {
    return internal == TrafficPolicy.LOCAL ? localBackends : backends;
  }

  public List<Backend> externalBackends() {
    return external == TrafficPolicy.LOCAL ? localBackends : backends;
  }

  public boolean hasAffinity() {
    return affinitySeconds > 0;
  }

  /** How rule sets name an address of it. */
  String front(String address) {
    return address + " . " + protocol + " . " + port;
  }

  /** How rule sets name its node port. */
  String nodePortFront() {
    return protocol + " . " + nodePort;
  }
}
