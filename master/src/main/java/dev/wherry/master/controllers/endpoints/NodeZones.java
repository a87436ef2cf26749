package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.reconcile.Informer;
import java.util.Map;
import java.util.TreeMap;

/** Zones by the labels of nodes. Thread-safe. */
record NodeZones(Informer nodes) implements Zones {
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

  /** What of a node changes hints. */
  private record Part(String zone, boolean counts, long cpuMillis) {
    static final Part NONE = new Part("", false, 0);

    static Part of(Obj node) {
      NodeView view = new NodeView(node);
      boolean counts = view.isReady() && !view.labels().containsKey(CONTROL_PLANE);
      return new Part(zoneOf(node), counts, view.allocatable().cpuMillis());
    }
  }

  private static String zoneOf(Obj node) {
    return Meta.of(node).labels().getOrDefault(ZONE, "");
  }

  /** Whether the node is in another zone than before, so that every endpoint may be. */
  static boolean hasMoved(Informer.Change change) {
    return !before(change).zone().equals(now(change).zone());
  }

  /** Whether zones may have other shares of the cluster than before. */
  static boolean haveOtherShares(Informer.Change change) {
    return !before(change).equals(now(change));
  }

  private static Part before(Informer.Change change) {
    return switch (change) {
      case Informer.Change.Added _ -> Part.NONE;
      case Informer.Change.Modified(Obj _, Obj before) -> Part.of(before);
      case Informer.Change.Removed(Obj last) -> Part.of(last);
    };
  }

  private static Part now(Informer.Change change) {
    return change instanceof Informer.Change.Removed ? Part.NONE : Part.of(change.object());
  }

  @Override
  public String of(String node) {
    return nodes.get(new ObjectKey("", node)).map(NodeZones::zoneOf).orElse("");
  }

  @Override
  public Map<String, Long> cpuMillis() {
    Map<String, Long> millis = new TreeMap<>();
    for (Obj node : nodes.all()) {
      Part part = Part.of(node);
      if (part.counts() && (part.zone().isEmpty() || part.cpuMillis() == 0)) {
        return Map.of();
      }
      if (part.counts()) {
        millis.merge(part.zone(), part.cpuMillis(), Long::sum);
      }
    }
    return millis;
  }
}
