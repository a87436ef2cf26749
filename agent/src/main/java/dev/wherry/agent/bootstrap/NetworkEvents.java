package dev.wherry.agent.bootstrap;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says as events of services, Ingresses and policies what this node cannot do for them. What is
 * said before there is anybody to hear it waits, the last {@link #MAX_WAITING} of it. Thread-safe.
 */
final class NetworkEvents {
  static final int MAX_WAITING = 256;

  private final DesiredState desired;

  // Guarded by this.
  private final Deque<Consumer<EventRecorder>> waiting = new ArrayDeque<>();
  private @Nullable EventRecorder recorder;

  NetworkEvents(DesiredState desired) {
    this.desired = desired;
  }

  /** Tells this recorder from now on, and what has been said so far. */
  synchronized void start(EventRecorder to) {
    recorder = to;
    waiting.forEach(each -> each.accept(to));
    waiting.clear();
  }

  /** A service is not served as it asks for; nothing is said of one that is not there. */
  void service(ObjectKey key, String message) {
    desired
        .get(Resource.SERVICES, key)
        .ifPresent(
            service -> warn(reference("v1", "Service", service), "UnsupportedProtocol", message));
  }

  /** An Ingress is not served as it asks for; nothing is said of one that is not there. */
  void ingress(ObjectKey key, String reason, String message) {
    desired
        .get(Resource.INGRESSES, key)
        .ifPresent(
            ingress ->
                warn(reference("networking.k8s.io/v1", "Ingress", ingress), reason, message));
  }

  /** Every NetworkPolicy does not do here what it says, or not all of it. */
  void policies(String message) {
    desired.listen(
        change -> {
          if (change instanceof Change.Upserted(var resource, var policy)
              && resource == Resource.NETWORK_POLICIES) {
            policy(policy, message);
          }
        });
    desired.all(Resource.NETWORK_POLICIES).forEach(policy -> policy(policy, message));
  }

  private void policy(Obj policy, String message) {
    warn(reference("networking.k8s.io/v1", "NetworkPolicy", policy), "NotEnforced", message);
  }

  private static Obj reference(String apiVersion, String kind, Obj object) {
    Meta meta = Meta.of(object);
    return Obj.of(
        "apiVersion",
        apiVersion,
        "kind",
        kind,
        "namespace",
        meta.namespace(),
        "name",
        meta.name(),
        "uid",
        object.obj("metadata").string("uid"));
  }

  private synchronized void warn(Obj involved, String reason, String message) {
    EventRecorder to = recorder;
    if (to != null) {
      to.record(involved, "Warning", reason, message);
      return;
    }
    if (waiting.size() == MAX_WAITING) {
      waiting.removeFirst();
    }
    waiting.addLast(later -> later.record(involved, "Warning", reason, message));
  }
}
