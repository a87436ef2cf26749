package dev.wherry.master.fleet;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.IngressView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Which Secrets the Ingresses name, with hosts' certificates and others. Every node has them, since
 * every node may be asked for those hosts.
 *
 * <p>{@code touched} is that of {@link NodeNeeds#upsert}. Confined to the lock of its owner.
 */
final class IngressSecrets {
  /** To how many Ingresses name it. */
  private final Map<Need, Integer> shown = new HashMap<>();

  private final Map<ObjectKey, Set<Need>> shownBy = new HashMap<>();

  void upsert(ObjectKey ingress, Obj object, BiConsumer<String, Need> touched) {
    Set<Need> now = new HashSet<>();
    for (String name : new IngressView(object).secretNames()) {
      now.add(new Need(Need.Kind.SECRETS, new ObjectKey(ingress.namespace(), name)));
    }
    Set<Need> before = now.isEmpty() ? shownBy.remove(ingress) : shownBy.put(ingress, now);
    for (Need secret : now) {
      shown.merge(secret, 1, Integer::sum);
      touched.accept("", secret);
    }
    if (before != null) {
      for (Need secret : before) {
        shown.computeIfPresent(
            secret, (_, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        touched.accept("", secret);
      }
    }
  }

  void remove(ObjectKey ingress, BiConsumer<String, Need> touched) {
    upsert(ingress, Obj.EMPTY, touched);
  }

  boolean contains(Need secret) {
    return shown.containsKey(secret);
  }

  /** All that are named; a view. */
  Set<Need> all() {
    return shown.keySet();
  }
}
