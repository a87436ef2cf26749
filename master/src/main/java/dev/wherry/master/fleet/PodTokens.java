package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.proto.v1.TokenAnswer;
import dev.wherry.proto.v1.TokenRequest;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens for the pods of a node: a node gets one for the account that a pod of its own runs under,
 * bound to that pod, and no other. Thread-safe.
 */
final class PodTokens {
  private static final Logger LOG = LoggerFactory.getLogger(PodTokens.class);

  /** How many are made at once for all nodes. */
  static final int MAX_PARALLEL = 64;

  private final ObjectAccess access;
  private final Function<NodeName, ObjectAccess> nodes;
  private final Semaphore permits = new Semaphore(MAX_PARALLEL);

  /**
   * @param nodes asks for tokens as the node does
   */
  PodTokens(ObjectAccess access, Function<NodeName, ObjectAccess> nodes) {
    this.access = access;
    this.nodes = nodes;
  }

  /** The token, or why there is none. Blocks. */
  TokenAnswer answer(NodeName node, TokenRequest request) {
    TokenAnswer.Builder answer = TokenAnswer.newBuilder().setRequestId(request.getRequestId());
    if (!permits.tryAcquire()) {
      return refused(answer, Reason.TOO_MANY_REQUESTS, "too many requests for tokens");
    }
    try {
      Obj status = issue(node, request).obj("status");
      return answer
          .setToken(status.string("token"))
          .setExpiration(status.string("expirationTimestamp"))
          .build();
    } catch (StatusException e) {
      return refused(answer, e.reason(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.warn("no token for a pod of node {}", node, e);
      return refused(answer, Reason.INTERNAL_ERROR, "the token could not be made: " + e);
    } finally {
      permits.release();
    }
  }

  private static TokenAnswer refused(TokenAnswer.Builder answer, Reason reason, String message) {
    return answer.setReason(reason.text()).setMessage(message).build();
  }

  private Obj issue(NodeName node, TokenRequest request) {
    ObjectKey podKey = new ObjectKey(request.getPod().getNamespace(), request.getPod().getName());
    Obj pod = access.get(GroupResource.PODS, podKey);
    Obj spec = pod.obj("spec");
    String uid = pod.obj("metadata").string("uid");
    String account = request.getServiceAccount();
    if (!spec.string("nodeName").equals(node.text())
        || !uid.equals(request.getPod().getUid())
        || !spec.string("serviceAccountName", "default").equals(account)) {
      throw StatusException.forbidden(
          GroupResource.SERVICE_ACCOUNTS,
          account,
          "node \"" + node + "\" has no such pod that runs as this account");
    }
    Obj bound = Obj.of("kind", "Pod", "apiVersion", "v1", "name", podKey.name(), "uid", uid);
    Obj.Builder wanted = Obj.builder().put("boundObjectRef", bound);
    wanted.putUnlessEmpty("audiences", List.copyOf(request.getAudiencesList()));
    if (request.getExpirationSeconds() > 0) {
      wanted.put("expirationSeconds", request.getExpirationSeconds());
    }
    return nodes
        .apply(node)
        .create(
            GroupResource.SERVICE_ACCOUNTS,
            new ObjectKey(podKey.namespace(), account),
            "token",
            Obj.of(
                "apiVersion",
                "authentication.k8s.io/v1",
                "kind",
                "TokenRequest",
                "spec",
                wanted.build()),
            WriteOptions.DEFAULT);
  }
}
