package dev.wherry.agent.services.userspace;

import dev.wherry.agent.services.Backend;
import dev.wherry.api.address.Ip;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which backend each client of a service's port had last. The client that was silent longest is
 * forgotten when there are {@link #MAX_CLIENTS}. Time is an argument. Thread-safe.
 */
final class Affinity {
  static final int MAX_CLIENTS = 65_536;

  private record Seen(Backend backend, long atNanos) {}

  private final Map<Ip, Seen> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Ip, Seen> eldest) {
          return size() > MAX_CLIENTS;
        }
      };

  /** The client's backend where it is among these still and was asked within the time. */
  synchronized Optional<Backend> find(
      Ip client, List<Backend> among, long timeoutNanos, long nowNanos) {
    Seen seen = clients.get(client);
    return seen != null
            && nowNanos - seen.atNanos() < timeoutNanos
            && among.contains(seen.backend())
        ? Optional.of(seen.backend())
        : Optional.empty();
  }

  synchronized void remember(Ip client, Backend backend, long nowNanos) {
    clients.put(client, new Seen(backend, nowNanos));
  }
}
