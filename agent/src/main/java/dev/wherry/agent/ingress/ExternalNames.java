package dev.wherry.agent.ingress;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** Finds what names outside of services stand for. Blocks its caller; thread-safe. */
@FunctionalInterface
public interface ExternalNames {
  /**
   * A name's addresses; empty: there is no such name, or it has none.
   *
   * @throws IOException when nobody can say
   */
  List<InetAddress> addresses(String name) throws IOException;
}
