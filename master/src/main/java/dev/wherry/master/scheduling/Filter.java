package dev.wherry.master.scheduling;

import dev.wherry.api.view.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Says why a node cannot take a pod, in the words of Kubernetes' plugin of the same name. The order
 * is that in which they are asked; the first that objects decides.
 */
public enum Filter {
  NODE_UNSCHEDULABLE("NodeUnschedulable") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      return node.facts().unschedulable() && !cycle.pod().tolerates(CORDON)
          ? UNSCHEDULABLE
          : Objection.NONE;
    }
  },
  NODE_NAME("NodeName") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      String wanted = cycle.pod().nodeName();
      return wanted.isEmpty() || wanted.equals(node.name().text()) ? Objection.NONE : OTHER_NAME;
    }
  },
  TAINT_TOLERATION("TaintToleration") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      for (Taint taint : node.facts().taints()) {
        boolean repels =
            taint.effect().equals(Taint.NO_SCHEDULE) || taint.effect().equals(Taint.NO_EXECUTE);
        if (repels && !cycle.pod().tolerates(taint)) {
          return Objection.lasting(
              "node(s) had untolerated taint {" + taint.key() + ": " + taint.value() + "}");
        }
      }
      return Objection.NONE;
    }
  },
  NODE_AFFINITY("NodeAffinity") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      return cycle.pod().selects(node.facts()) ? Objection.NONE : NOT_SELECTED;
    }
  },
  NODE_PORTS("NodePorts") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      for (HostPort wanted : cycle.pod().hostPorts()) {
        for (HostPort taken : node.hostPorts()) {
          if (wanted.clashesWith(taken)) {
            return PORT_TAKEN;
          }
        }
      }
      return Objection.NONE;
    }
  },
  NODE_RESOURCES_FIT("NodeResourcesFit") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      Amounts asked = cycle.pod().requests();
      Amounts room = node.facts().allocatable();
      Amounts taken = node.requested();
      boolean fits =
          node.pods().size() < node.facts().maxPods()
              && (asked.cpuMillis() == 0
                  || asked.cpuMillis() <= room.cpuMillis() - taken.cpuMillis())
              && (asked.memoryBytes() == 0
                  || asked.memoryBytes() <= room.memoryBytes() - taken.memoryBytes())
              && (asked.ephemeralStorageBytes() == 0
                  || asked.ephemeralStorageBytes()
                      <= room.ephemeralStorageBytes() - taken.ephemeralStorageBytes())
              && asked.others().isEmpty();
      return fits ? Objection.NONE : shortage(asked, node);
    }

    private Objection shortage(Amounts asked, NodeLoad node) {
      List<String> reasons = new ArrayList<>(2);
      boolean canPass = true;
      if (node.pods().size() >= node.facts().maxPods()) {
        reasons.add("Too many pods");
      }
      for (String each : COMMON) {
        canPass &= isEnough(each, asked, node, reasons);
      }
      for (Map.Entry<String, Long> each : asked.others().entrySet()) {
        canPass &= isEnough(each.getKey(), asked, node, reasons);
      }
      return reasons.isEmpty()
          ? Objection.NONE
          : new Objection(reasons, canPass ? Objection.Remedy.PODS_GO : Objection.Remedy.NONE);
    }

    /** Adds a reason where there is not enough; returns whether an empty node had enough. */
    private boolean isEnough(String name, Amounts asked, NodeLoad node, List<String> reasons) {
      long amount = asked.get(name);
      if (amount > 0 && amount > node.free(name)) {
        reasons.add("Insufficient " + name);
      }
      return amount <= node.facts().allocatable().get(name);
    }
  },
  VOLUME_RESTRICTIONS("VolumeRestrictions") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      return cycle.exclusiveTaken() ? CLAIM_IN_USE : Objection.NONE;
    }
  },
  VOLUME_BINDING("VolumeBinding") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      VolumeDemand volumes = cycle.pod().volumes();
      if (volumes.lost() > 0) {
        return VOLUME_LOST;
      }
      if (!volumes.boundFit(node.facts())) {
        return VOLUME_ELSEWHERE;
      }
      return volumes.open().isEmpty() || volumes.choices(node.facts()).isPresent()
          ? Objection.NONE
          : NO_VOLUME;
    }
  },
  POD_TOPOLOGY_SPREAD("PodTopologySpread") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      for (SpreadCounts each : cycle.required()) {
        if (!each.knows(node.facts())) {
          return SPREAD_LABEL;
        }
        if (!each.allows(node.facts())) {
          return SPREAD;
        }
      }
      return Objection.NONE;
    }
  },
  INTER_POD_AFFINITY("InterPodAffinity") {
    @Override
    Objection objection(Cycle cycle, NodeLoad node) {
      if (cycle.affinity().isEmpty()) {
        return Objection.NONE;
      }
      AffinityCounts counts = cycle.affinity().get();
      if (!counts.isNear(node.facts())) {
        return NOT_NEAR;
      }
      if (!counts.isFar(node.facts())) {
        return NOT_FAR;
      }
      return counts.isBorne(node.facts()) ? Objection.NONE : NOT_BORNE;
    }
  };

  private static final Taint CORDON = Taint.of(Taint.UNSCHEDULABLE, Taint.NO_SCHEDULE);
  private static final List<String> COMMON = List.of("cpu", "memory", "ephemeral-storage");

  private static final Objection UNSCHEDULABLE = Objection.lasting("node(s) were unschedulable");
  private static final Objection OTHER_NAME =
      Objection.lasting("node(s) didn't match the requested node name");
  private static final Objection NOT_SELECTED =
      Objection.lasting("node(s) didn't match Pod's node affinity/selector");
  private static final Objection PORT_TAKEN =
      Objection.passing("node(s) didn't have free ports for the requested pod ports");
  private static final Objection CLAIM_IN_USE =
      Objection.passing(
          "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access"
              + " mode");
  private static final Objection VOLUME_LOST =
      Objection.lasting(
          "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
  private static final Objection VOLUME_ELSEWHERE =
      Objection.lasting("node(s) didn't match PersistentVolume's node affinity");
  private static final Objection NO_VOLUME =
      Objection.lasting("node(s) didn't find available persistent volumes to bind");
  private static final Objection SPREAD_LABEL =
      Objection.lasting(
          "node(s) didn't match pod topology spread constraints (missing required label)");
  private static final Objection SPREAD =
      Objection.passing("node(s) didn't match pod topology spread constraints");
  private static final Objection NOT_NEAR =
      Objection.lasting("node(s) didn't match pod affinity rules");
  private static final Objection NOT_FAR =
      Objection.passing("node(s) didn't match pod anti-affinity rules");
  private static final Objection NOT_BORNE =
      Objection.passing("node(s) didn't satisfy existing pods anti-affinity rules");

  private final String plugin;

  Filter(String plugin) {
    this.plugin = plugin;
  }

  /** Kubernetes' name of it. */
  public String plugin() {
    return plugin;
  }

  /** Why the node cannot take the pod, as far as this filter sees. */
  abstract Objection objection(Cycle cycle, NodeLoad node);
}
