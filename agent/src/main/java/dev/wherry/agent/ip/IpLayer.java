package dev.wherry.agent.ip;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Interfaces, addresses, neighbours and routes of one network namespace: that of the thread which
 * opened this. Thread-safe.
 */
public interface IpLayer extends AutoCloseable {

  /**
   * Carries out the changes in their order; at the first that fails it stops, and what was done
   * stays.
   *
   * @throws IOException when the kernel refuses one, with its words on it
   */
  void apply(List<IpChange> changes) throws IOException, InterruptedException;

  /** Routes of either family that this protocol made, local ones too. */
  List<IpRoute> routes(int protocol) throws IOException, InterruptedException;

  /** The device's neighbours that were said for good; none where it does not exist. */
  List<Neighbour> neighbours(String device) throws IOException, InterruptedException;

  /** What is behind which node; none where the device does not exist. */
  List<Remote> remotes(String device) throws IOException, InterruptedException;

  /** The tunnel of this name; empty: there is none, or something else is called so. */
  Optional<Tunnel> tunnel(String device) throws IOException, InterruptedException;

  /** Makes namespaces beside this one, in which pods' ends of pairs are. */
  Namespaces namespaces();

  @Override
  void close();
}
