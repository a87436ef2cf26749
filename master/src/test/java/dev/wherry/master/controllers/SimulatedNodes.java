package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.master.reconcile.Timer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The nodes of a simulation: they die and come back, and users cordon them, give one up, and take
 * one out of service. Confined to one thread, but for {@link #lastSign}.
 */
final class SimulatedNodes {
  private final Random random;
  private final PodLedger ledger;
  private final Supplier<Cluster> cluster;
  private final List<HollowNode> nodes = new ArrayList<>();
  private final Map<NodeName, Instant> signs = new ConcurrentHashMap<>();

  /** Once in a seed each: what was on such a node is excused from some rules. */
  private boolean removed;

  private boolean takenOut;

  /** {@code cluster}: the one that there is now. */
  SimulatedNodes(
      int count, Random random, PodLedger ledger, Timer timer, Supplier<Cluster> cluster) {
    this.random = random;
    this.ledger = ledger;
    this.cluster = cluster;
    for (int i = 0; i < count; i++) {
      String name = "n" + i;
      cluster.get().addNode(name);
      nodes.add(new HollowNode(name, () -> cluster.get().objects, ledger, timer, random));
    }
  }

  List<HollowNode> all() {
    return nodes;
  }

  Optional<Instant> lastSign(NodeName node) {
    return Optional.ofNullable(signs.get(node));
  }

  /** Those that live are heard of. */
  void giveSigns(Instant now) {
    for (HollowNode each : nodes) {
      if (each.isAlive()) {
        signs.put(each.name, now);
      }
    }
  }

  void live(List<PodView> pods, boolean faithfully) {
    for (HollowNode each : nodes) {
      each.look(pods, faithfully);
      each.send(faithfully);
    }
  }

  /** The master is a new one. */
  void greet() {
    nodes.forEach(HollowNode::greet);
  }

  /** All that are dead come back, and are in service. */
  void rise() {
    for (HollowNode each : nodes) {
      each.rise();
      change(each.name, node -> withTaints(node, taintsOf(node, false)));
    }
  }

  /** All live, and take pods. */
  void settle() {
    rise();
    nodes.forEach(each -> cordon(each.name, false));
  }

  /** Something that happens to one of them. */
  void act() {
    HollowNode node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(5)) {
      case 0, 1 -> cordon(node.name, random.nextBoolean());
      case 2 -> node.die();
      case 3 -> remove(node);
      default -> takeOutOfService(node);
    }
  }

  private void remove(HollowNode node) {
    if (!removed) {
      removed = true;
      node.remove();
    }
  }

  /** Somebody has looked, and pulled the plug: its pods may go without its word. */
  private void takeOutOfService(HollowNode node) {
    if (!takenOut) {
      takenOut = true;
      node.die();
      ledger.giveUp(node.name);
      change(node.name, each -> withTaints(each, taintsOf(each, true)));
    }
  }

  private static List<Obj> taintsOf(Obj node, boolean outOfService) {
    List<Obj> taints = new ArrayList<>();
    for (Taint each : new NodeView(node).taints()) {
      if (!each.key().equals(Taint.OUT_OF_SERVICE)) {
        taints.add(each.tree());
      }
    }
    if (outOfService) {
      taints.add(Taint.of(Taint.OUT_OF_SERVICE, Taint.NO_EXECUTE).tree());
    }
    return taints;
  }

  private static Obj withTaints(Obj node, List<Obj> taints) {
    return node.change(
        "spec", spec -> taints.isEmpty() ? spec.without("taints") : spec.with("taints", taints));
  }

  private void cordon(NodeName name, boolean cordoned) {
    change(
        name,
        node ->
            new NodeView(node).unschedulable() == cordoned
                ? node
                : node.withAt(cordoned, "spec", "unschedulable"));
  }

  /** Where it is there. */
  private void change(NodeName name, UnaryOperator<Obj> how) {
    Optional<Obj> node = cluster.get().find(GroupResource.NODES, new ObjectKey("", name.text()));
    if (node.isEmpty() || how.apply(node.get()).equals(node.get())) {
      return;
    }
    try {
      cluster.get().objects.update(GroupResource.NODES, how.apply(node.get()));
    } catch (StatusException e) {
      change(name, how); // somebody else wrote in between
    }
  }
}
