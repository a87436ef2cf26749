package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.Taint;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.registry.ListOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** A {@link Cluster} of the nodes a and b, whose time passes when a test says so. */
final class TimedCluster implements AutoCloseable {
  private static final Duration STEP = Duration.ofSeconds(4);

  /** So many steps without a write: nothing is under way any more. */
  private static final int QUIET_STEPS = 5;

  final ManualTimer timer = new ManualTimer(Instant.parse("2026-01-01T00:00:00Z"));
  final Cluster cluster = new Cluster(timer);
  private final Map<NodeName, Instant> signs = new ConcurrentHashMap<>();

  TimedCluster() {
    cluster.startControllers(node -> Optional.ofNullable(signs.get(node)));
    cluster.addNode("a");
    cluster.addNode("b");
  }

  /** Lets time pass in steps, in which these nodes give signs of life, until it is so. */
  void passUntil(String what, BooleanSupplier condition, Duration most, String... alive) {
    passUntil(what, condition, most, STEP, alive);
  }

  void passUntil(
      String what, BooleanSupplier condition, Duration most, Duration step, String... alive) {
    Instant end = timer.instant().plus(most);
    while (!condition.getAsBoolean() && timer.instant().isBefore(end)) {
      pass(step, alive);
    }
    cluster.await(what, condition);
  }

  /** Lets time pass until all that was under way is written, however slow the machine. */
  void settle(String... alive) {
    long seen = revision();
    for (int quiet = 0; quiet < QUIET_STEPS; quiet++) {
      pass(STEP, alive);
      if (revision() != seen) {
        seen = revision();
        quiet = 0;
      }
    }
  }

  private void pass(Duration step, String... alive) {
    for (String each : alive) {
      signs.put(new NodeName(each), timer.instant());
    }
    timer.advance(step);
    cluster.awaitChange();
  }

  /** The store's revision: it grows with every write. */
  long revision() {
    return Long.parseLong(
        cluster.objects.list(GroupResource.PODS, "", ListOptions.ALL).resourceVersion());
  }

  NodeView node(String name) {
    return new NodeView(cluster.objects.get(GroupResource.NODES, new ObjectKey("", name)));
  }

  /** The node reports whether it is ready. */
  void says(String node, String ready) {
    NodeView before = node(node);
    Condition condition = Condition.of(NodeView.READY, ready, "", "", timer.instant());
    cluster.objects.updateStatus(
        GroupResource.NODES,
        before
            .tree()
            .withAt(
                Condition.set(before.tree().obj("status").objs("conditions"), condition),
                "status",
                "conditions"));
  }

  boolean isUnreachable(String node) {
    return node(node).taints().stream().anyMatch(taint -> taint.key().equals(Taint.UNREACHABLE));
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
