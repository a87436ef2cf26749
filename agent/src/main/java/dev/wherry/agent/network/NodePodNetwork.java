package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** The network of a node's pods with what the node itself needs for it. Thread-safe. */
public interface NodePodNetwork extends PodNetwork {
  int NAME_SERVER_OFFSET = 10;

  /**
   * Where pods of this node ask for names: the tenth address of the service range, which every node
   * has for itself. A service that is given it goes first.
   */
  static Ip nameServerAddress(Cidr services) {
    return services.at(NAME_SERVER_OFFSET);
  }

  /** Takes the node's ranges from the desired state, now and whenever they change. */
  void follow(DesiredState desired);

  /** Has this told of each pod that has got its address, or has lost it. */
  void whenMoved(Consumer<PodUid> listener);

  /** What keeps pods from being connected now; empty: nothing. */
  Optional<String> obstacle() throws InterruptedException;

  /** Puts back what others may have taken away. */
  void assertNode() throws IOException, InterruptedException;

  /** Removes all pods' namespaces and interfaces, and what the node has for them. */
  void purge() throws IOException, InterruptedException;
}
