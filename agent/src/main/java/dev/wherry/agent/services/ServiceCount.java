package dev.wherry.agent.services;

/**
 * What went to a service from this node, since the agent started.
 *
 * @param connections of UDP: flows
 * @param bytes in both directions
 */
public record ServiceCount(long connections, long bytes) {
  static final ServiceCount NONE = new ServiceCount(0, 0);

  /** Both together. */
  public ServiceCount plus(ServiceCount other) {
    return new ServiceCount(connections + other.connections, bytes + other.bytes);
  }
}
