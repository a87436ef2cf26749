package dev.wherry.master.fleet;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Whom network policies may speak of: namespaces, and pods that have an address of their own. Every
 * node has them while a policy exists, and nobody while none does.
 *
 * <p>{@code touched} is that of {@link NodeNeeds#upsert}. Confined to the lock of its owner.
 */
final class PolicyPeers {
  /** With the version that was told last. */
  private final Map<Need, String> peers = new HashMap<>();

  private final Set<ObjectKey> policies = new HashSet<>();

  void upsertPolicy(ObjectKey policy, BiConsumer<String, Need> touched) {
    if (policies.add(policy) && policies.size() == 1) {
      peers.keySet().forEach(peer -> touched.accept("", peer));
    }
  }

  void removePolicy(ObjectKey policy, BiConsumer<String, Need> touched) {
    if (policies.remove(policy) && policies.isEmpty()) {
      peers.keySet().forEach(peer -> touched.accept("", peer));
    }
  }

  void upsertPod(ObjectKey key, Obj pod, BiConsumer<String, Need> touched) {
    String phase = pod.obj("status").string("phase");
    boolean reachable =
        !pod.obj("status").string("podIP").isEmpty()
            && !pod.obj("spec").flag("hostNetwork")
            && !phase.equals("Succeeded")
            && !phase.equals("Failed");
    if (reachable) {
      upsert(new Need(Need.Kind.PEER_PODS, key), pod, touched);
    } else {
      removePod(key, touched);
    }
  }

  void removePod(ObjectKey key, BiConsumer<String, Need> touched) {
    remove(new Need(Need.Kind.PEER_PODS, key), touched);
  }

  void upsert(Need peer, Obj object, BiConsumer<String, Need> touched) {
    String version = Portion.of(peer.kind(), object).version();
    if (!version.equals(peers.put(peer, version)) && !policies.isEmpty()) {
      touched.accept("", peer);
    }
  }

  void remove(Need peer, BiConsumer<String, Need> touched) {
    if (peers.remove(peer) != null && !policies.isEmpty()) {
      touched.accept("", peer);
    }
  }

  /** Whether every node is to have it. */
  boolean wants(Need peer) {
    return !policies.isEmpty() && peers.containsKey(peer);
  }

  /** All that every node is to have; a view. */
  Set<Need> all() {
    return policies.isEmpty() ? Set.of() : peers.keySet();
  }
}
