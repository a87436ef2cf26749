package dev.wherry.master.fleet;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of a stored status when a node reports its own: the node's word counts, but for what
 * others wrote into the same status. Pure.
 */
final class StatusMerge {
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
  private static final List<String> KEPT_OF_POD =
      List.of("qosClass", "nominatedNodeName", "resourceClaimStatuses", "startTime");
  private static final List<String> KEPT_OF_NODE =
      List.of("volumesAttached", "volumesInUse", "phase");

  private StatusMerge() {}

  /** The pod with the reported status, or empty when the report says nothing new. */
  static Optional<Obj> pod(Obj pod, Obj reported) {
    Obj stored = pod.obj("status");
    if (ENDED.contains(stored.string("phase"))
        && !stored.string("phase").equals(reported.string("phase"))) {
      return Optional.empty(); // an ended pod does not come back (Kubernetes: Pod Lifecycle)
    }
    Obj merged = kept(reported, stored, KEPT_OF_POD);
    if (!stored.string("qosClass").isEmpty()) {
      merged = merged.with("qosClass", stored.string("qosClass"));
    }
    Map<String, Obj> told = byType(reported);
    List<Obj> conditions = new ArrayList<>();
    for (Obj condition : stored.objs("conditions")) {
      String type = condition.string("type");
      if (!Portion.NODE_OWNED_CONDITIONS.contains(type)) {
        conditions.add(condition); // the scheduler's, a readiness gate's: not the node's to change
        told.remove(type);
      } else if (told.containsKey(type)) {
        conditions.add(told.remove(type));
      }
    }
    conditions.addAll(inOrder(reported, told));
    merged = merged.with("conditions", conditions);
    return merged.equals(stored) ? Optional.empty() : Optional.of(pod.with("status", merged));
  }

  /**
   * The node with the reported status, or empty when the report says nothing new. Times of
   * heartbeats are not written: they live in {@link Heartbeats}.
   */
  static Optional<Obj> node(Obj node, Obj reported) {
    Obj stored = node.obj("status");
    Obj merged = OthersResources.with(kept(reported, stored, KEPT_OF_NODE), node);
    Map<String, Obj> told = byType(reported);
    List<Obj> conditions = new ArrayList<>();
    for (Obj condition : stored.objs("conditions")) {
      Obj now = told.remove(condition.string("type"));
      if (now == null) {
        conditions.add(condition); // a node problem detector's
      } else {
        boolean same =
            now.without("lastHeartbeatTime").equals(condition.without("lastHeartbeatTime"));
        conditions.add(same ? condition : now);
      }
    }
    conditions.addAll(inOrder(reported, told));
    merged = merged.with("conditions", conditions);
    return merged.equals(stored) ? Optional.empty() : Optional.of(node.with("status", merged));
  }

  private static Obj kept(Obj reported, Obj stored, List<String> keys) {
    Obj merged = reported;
    for (String key : keys) {
      Optional<Object> value = stored.get(key);
      if (value.isPresent() && !reported.has(key)) {
        merged = merged.with(key, value.get());
      }
    }
    return merged;
  }

  private static Map<String, Obj> byType(Obj status) {
    Map<String, Obj> byType = new HashMap<>();
    for (Obj condition : status.objs("conditions")) {
      byType.put(condition.string("type"), condition);
    }
    return byType;
  }

  private static List<Obj> inOrder(Obj reported, Map<String, Obj> left) {
    List<Obj> conditions = new ArrayList<>();
    for (Obj condition : reported.objs("conditions")) {
      if (left.remove(condition.string("type")) != null) {
        conditions.add(condition);
      }
    }
    return conditions;
  }
}
