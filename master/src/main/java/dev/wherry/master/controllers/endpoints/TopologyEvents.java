package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells of services with {@code topology-mode: Auto} whether their endpoints are divided among the
 * zones, in Kubernetes' words and whenever that changes. Thread-safe; one service at a time.
 */
final class TopologyEvents {
  private static final String ENABLED = "TopologyAwareHintsEnabled";
  private static final String DISABLED = "TopologyAwareHintsDisabled";

  private final EventSink.Recorder events;

  /** By service and address type, what was told last; empty text: they are divided. */
  private final Map<ObjectKey, Map<String, String>> told = new ConcurrentHashMap<>();

  TopologyEvents(EventSink.Recorder events) {
    this.events = events;
  }

  /**
   * @param obstacles as a plan has them
   */
  void tell(Obj service, Map<String, String> obstacles) {
    ObjectKey key = ObjectKey.of(service);
    Map<String, String> before = told.getOrDefault(key, Map.of());
    if (obstacles.equals(before)) {
      return;
    }
    before.forEach(
        (addressType, obstacle) -> {
          if (obstacle.isEmpty() && !obstacles.containsKey(addressType)) {
            disabled(service, "Topology Aware Hints has been disabled", addressType);
          }
        });
    obstacles.forEach(
        (addressType, obstacle) -> {
          if (obstacle.equals(before.get(addressType))) {
            return;
          }
          if (obstacle.isEmpty()) {
            String enabled = message("Topology Aware Hints has been enabled", addressType);
            events.record(EventNote.normal(service, ENABLED, enabled));
          } else {
            disabled(service, obstacle, addressType);
          }
        });
    if (obstacles.isEmpty()) {
      told.remove(key);
    } else {
      told.put(key, obstacles);
    }
  }

  private void disabled(Obj service, String why, String addressType) {
    events.record(EventNote.warning(service, DISABLED, message(why, addressType)));
  }

  private static String message(String what, String addressType) {
    return what + ", addressType: " + addressType;
  }

  /** The service is gone. */
  void forget(ObjectKey service) {
    told.remove(service);
  }
}
