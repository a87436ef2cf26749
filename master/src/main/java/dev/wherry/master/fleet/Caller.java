package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Who is at the other end of a call: a node, or nobody that is known. */
sealed interface Caller {
  /** The agent of this node, because it lives in this process. */
  record Local(NodeName name) implements Caller {}

  /** Who showed this node's certificate, with the hash of its public key. */
  record Certified(NodeName name, String keyHash) implements Caller {}

  record Unknown() implements Caller {}

  /**
   * Passes when this caller is the node's agent.
   *
   * @throws io.grpc.StatusRuntimeException UNAUTHENTICATED or PERMISSION_DENIED
   */
  default void mustBe(NodeName node) {
    switch (this) {
      case Local(NodeName name) when name.equals(node) -> {}
      case Certified(NodeName name, String _) when name.equals(node) -> {}
      case Local(NodeName name) -> throw foreign(name, node);
      case Certified(NodeName name, String _) -> throw foreign(name, node);
      case Unknown _ ->
          throw Status.UNAUTHENTICATED
              .withDescription("a client certificate of node \"" + node + "\" is needed")
              .asRuntimeException();
    }
  }

  private static StatusRuntimeException foreign(NodeName speaker, NodeName node) {
    return Status.PERMISSION_DENIED
        .withDescription("node \"" + speaker + "\" may not speak for node \"" + node + "\"")
        .asRuntimeException();
  }
}
