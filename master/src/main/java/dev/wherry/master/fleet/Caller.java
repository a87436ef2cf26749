package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Who is at the other end of a call: a node, or nobody that is known. */
sealed interface Caller {
  /** The agent of this node, by its certificate or because it lives in this process. */
  record Node(NodeName name) implements Caller {}

  record Unknown() implements Caller {}

  Context.Key<Caller> KEY = Context.keyWithDefault("caller", new Unknown());

  static Caller current() {
    return KEY.get();
  }

  /**
   * Passes when this caller is the node's agent.
   *
   * @throws io.grpc.StatusRuntimeException UNAUTHENTICATED or PERMISSION_DENIED
   */
  default void mustBe(NodeName node) {
    switch (this) {
      case Node(NodeName name) when name.equals(node) -> {}
      case Node(NodeName name) ->
          throw Status.PERMISSION_DENIED
              .withDescription("node \"" + name + "\" may not speak for node \"" + node + "\"")
              .asRuntimeException();
      case Unknown _ ->
          throw Status.UNAUTHENTICATED
              .withDescription("a client certificate of node \"" + node + "\" is needed")
              .asRuntimeException();
    }
  }

  /** Every call through this interceptor is this caller's. */
  static ServerInterceptor always(Caller caller) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(
            Context.current().withValue(KEY, caller), call, headers, next);
      }
    };
  }
}
