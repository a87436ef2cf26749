package dev.wherry.agent.ingress;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An event loop's connections to backends: a pool of those in clear text, and one for each client
 * that speaks TLS, at most {@link TlsClients#MAX_KEPT} and those that end at the next look.
 * Confined to that loop.
 */
final class BackendPools {
  private final EventLoop loop;
  private final ChannelHandler initializer;
  private final BackendPool clear;
  private final Map<TlsClient, BackendPool> secure = new HashMap<>();

  /**
   * @param initializer furnishes the pipelines of connections in HTTP/1.1; shared by all
   */
  BackendPools(EventLoop loop, ChannelHandler initializer) {
    this.loop = loop;
    this.initializer = initializer;
    this.clear = new BackendPool(loop, initializer, Optional.empty());
  }

  /** Connections in clear text. */
  BackendPool clear() {
    return clear;
  }

  /** Connections over TLS. */
  BackendPool secure(TlsClient client) {
    return secure.computeIfAbsent(
        client, each -> new BackendPool(loop, initializer, Optional.of(each)));
  }

  /** Closes what waits for backends that are none any more, and what has waited too long. */
  void prune(Set<InetSocketAddress> inUse) {
    clear.prune(inUse);
    secure
        .entrySet()
        .removeIf(
            each -> {
              boolean over = each.getKey().isOver();
              each.getValue().prune(over ? Set.of() : inUse);
              return over;
            });
  }
}
