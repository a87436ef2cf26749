package dev.wherry.master.controllers.node;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.Taint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a node's conditions and taints should be. Pure.
 *
 * <pre>
 * Ready          taints, besides those that others set
 * True           none
 * False          not-ready:NoSchedule, not-ready:NoExecute
 * Unknown        unreachable:NoSchedule, unreachable:NoExecute
 * not said yet   not-ready:NoSchedule
 * </pre>
 *
 * (NoExecute as {@link Driving} says), and one NoSchedule taint for each pressure, an unavailable
 * network, and a cordon.
 */
final class NodePlan {
  static final String STATUS_UNKNOWN = "NodeStatusUnknown";
  private static final String STOPPED = "Kubelet stopped posting node status.";
  private static final String NEVER = "Kubelet never posted node status.";

  /** What a silent node leaves open, with Ready. */
  private static final List<String> REPORTED =
      List.of(NodeView.READY, "MemoryPressure", "DiskPressure", "PIDPressure");

  private static final Map<String, String> TAINT_OF_CONDITION =
      Map.of(
          "MemoryPressure", "node.kubernetes.io/memory-pressure",
          "DiskPressure", "node.kubernetes.io/disk-pressure",
          "PIDPressure", "node.kubernetes.io/pid-pressure",
          "NetworkUnavailable", "node.kubernetes.io/network-unavailable");

  private NodePlan() {}

  /** The conditions of a node of which nothing is heard any more. */
  static List<Obj> silenced(NodeView node, Instant now) {
    List<Obj> conditions = node.tree().obj("status").objs("conditions");
    for (String type : REPORTED) {
      Optional<Condition> before = node.condition(type);
      if (before.filter(each -> each.status().equals(Condition.UNKNOWN)).isPresent()) {
        continue;
      }
      boolean spoke = before.isPresent();
      conditions =
          Condition.set(
              conditions,
              Condition.of(
                  type,
                  Condition.UNKNOWN,
                  spoke ? STATUS_UNKNOWN : "NodeStatusNeverUpdated",
                  spoke ? STOPPED : NEVER,
                  now));
    }
    return conditions;
  }

  /** Whether a node that is not ready has its pods driven out. */
  enum Driving {
    NOW,
    /** Not yet, unless that has begun already. */
    LATER,
    NEVER
  }

  /** The taints as they should be; those of others stay, in their order. */
  static List<Taint> taints(NodeView node, Driving driving, Instant now) {
    List<Taint> wanted = wanted(node, now);
    boolean drives = driving == Driving.NOW || driving == Driving.LATER && isDriven(node);
    if (!drives) {
      wanted.removeIf(each -> each.effect().equals(Taint.NO_EXECUTE));
    }
    List<Taint> taints = new ArrayList<>();
    for (Taint held : node.taints()) {
      boolean stays = wanted.stream().anyMatch(held::isSameAs);
      if (stays || !isOurs(held)) {
        taints.add(held); // with the time at which it came
      }
    }
    for (Taint each : wanted) {
      if (taints.stream().noneMatch(each::isSameAs)) {
        taints.add(each);
      }
    }
    return taints;
  }

  /** Whether the node's pods have begun to be driven out because it is not ready. */
  static boolean isDriven(NodeView node) {
    return node.taints().stream()
        .anyMatch(
            each ->
                each.effect().equals(Taint.NO_EXECUTE)
                    && (each.key().equals(Taint.NOT_READY)
                        || each.key().equals(Taint.UNREACHABLE)));
  }

  private static List<Taint> wanted(NodeView node, Instant now) {
    List<Taint> wanted = new ArrayList<>();
    String ready = node.condition(NodeView.READY).map(Condition::status).orElse("");
    switch (ready) {
      case Condition.TRUE -> {}
      case Condition.FALSE -> {
        wanted.add(Taint.of(Taint.NOT_READY, Taint.NO_SCHEDULE, now));
        wanted.add(Taint.of(Taint.NOT_READY, Taint.NO_EXECUTE, now));
      }
      case Condition.UNKNOWN -> {
        wanted.add(Taint.of(Taint.UNREACHABLE, Taint.NO_SCHEDULE, now));
        wanted.add(Taint.of(Taint.UNREACHABLE, Taint.NO_EXECUTE, now));
      }
      default -> wanted.add(Taint.of(Taint.NOT_READY, Taint.NO_SCHEDULE, now));
    }
    TAINT_OF_CONDITION.forEach(
        (condition, taint) -> {
          if (Condition.isTrue(node.tree(), condition)) {
            wanted.add(Taint.of(taint, Taint.NO_SCHEDULE, now));
          }
        });
    if (node.unschedulable()) {
      wanted.add(Taint.of(Taint.UNSCHEDULABLE, Taint.NO_SCHEDULE, now));
    }
    return wanted;
  }

  private static boolean isOurs(Taint taint) {
    return taint.key().equals(Taint.NOT_READY)
        || taint.key().equals(Taint.UNREACHABLE)
        || taint.key().equals(Taint.UNSCHEDULABLE)
        || TAINT_OF_CONDITION.containsValue(taint.key());
  }
}
