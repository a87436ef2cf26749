package dev.wherry.agent.usage;

import dev.wherry.api.object.ObjectKey;
import java.util.Map;

/**
 * What went through the node's dataplane since the agent started.
 *
 * @param services by service
 * @param ingresses by Ingress
 */
public record NodeTraffic(Map<ObjectKey, Count> services, Map<ObjectKey, Count> ingresses) {
  public static final NodeTraffic NONE = new NodeTraffic(Map.of(), Map.of());

  /**
   * @param requests of HTTP where it was read, else connections
   * @param bytes in both directions
   */
  public record Count(long requests, long connections, long bytes) {
    public Count plus(Count other) {
      return new Count(
          requests + other.requests, connections + other.connections, bytes + other.bytes);
    }
  }

  public NodeTraffic {
    services = Map.copyOf(services);
    ingresses = Map.copyOf(ingresses);
  }
}
