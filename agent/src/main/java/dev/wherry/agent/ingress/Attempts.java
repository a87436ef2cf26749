package dev.wherry.agent.ingress;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Which backend is tried for a request, and whether another try is allowed. One for a connection's
 * requests, one after another. Confined to one thread.
 */
final class Attempts {
  /** Backends that are tried for one request. */
  static final int MAX = 3;

  private List<InetSocketAddress> backends = List.of();
  private int first;
  private int made;

  /**
   * A request's tries begin.
   *
   * @param backends one at least
   * @param first whose turn it is, any number
   */
  void begin(List<InetSocketAddress> backends, int first) {
    this.backends = backends;
    this.first = first;
    this.made = 0;
  }

  /** The backend of the next try. */
  InetSocketAddress next() {
    return backends.get(Math.floorMod(first + made++, backends.size()));
  }

  /** Whether no other try was made: a connection that waits idle serves the first one alone. */
  boolean isFirst() {
    return made == 1;
  }

  /** Whether one that could not be reached is followed by another, the only one by itself. */
  boolean mayFollow() {
    return made < Math.min(MAX, backends.size() + 1);
  }

  /**
   * Whether a request that was sent, and not answered before its connection ended, may be sent
   * again, where that is safe. A connection that had waited may have been about to end: its try
   * does not count.
   */
  boolean mayRepeat(boolean waited) {
    return made < MAX + (waited ? 1 : 0);
  }
}
