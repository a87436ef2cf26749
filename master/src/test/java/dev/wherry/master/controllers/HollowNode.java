package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A node without containers: it says of its pods that they run, and lets them go. What it says may
 * be lost, doubled or overtaken by what it says later. Confined to one thread.
 */
final class HollowNode {
  final NodeName name;
  private final Supplier<ObjectAccess> master;
  private final PodLedger ledger;
  private final Timer timer;
  private final Random random;
  private final List<Runnable> outbox = new ArrayList<>();
  private boolean alive = true;
  private boolean hello;

  /** {@code master}: the one that there is now. */
  HollowNode(
      String name, Supplier<ObjectAccess> master, PodLedger ledger, Timer timer, Random random) {
    this.name = new NodeName(name);
    this.master = master;
    this.ledger = ledger;
    this.timer = timer;
    this.random = random;
  }

  boolean isAlive() {
    return alive;
  }

  void die() {
    alive = false;
    outbox.clear();
  }

  void rise() {
    try {
      master.get().get(GroupResource.NODES, new ObjectKey("", name.text()));
    } catch (StatusException e) {
      Cluster.addNode(master.get(), name.text()); // it was deleted, and joins anew
    }
    alive = true;
    hello = true;
  }

  /** A user gives the node up: it is dead, and its object goes. */
  void remove() {
    die();
    ledger.giveUp(name);
    quietly(
        () ->
            master
                .get()
                .delete(
                    GroupResource.NODES, new ObjectKey("", name.text()), DeleteOptions.DEFAULT));
  }

  /** The session is a new one: the node says anew how it is. */
  void greet() {
    hello = true;
  }

  private void sayHello() {
    Obj node = master.get().get(GroupResource.NODES, new ObjectKey("", name.text()));
    if (Condition.isTrue(node, NodeView.READY)) {
      hello = false;
      return;
    }
    Condition ready =
        Condition.of(NodeView.READY, Condition.TRUE, "KubeletReady", "", timer.instant());
    quietly(
        () ->
            master
                .get()
                .updateStatus(
                    GroupResource.NODES,
                    node.withAt(
                        Condition.set(node.obj("status").objs("conditions"), ready),
                        "status",
                        "conditions")));
  }

  /**
   * Looks at its pods and has something to say about each that is not as it should be. Those that
   * are to end do so by and by, and now and then badly, but not where it is faithful.
   */
  void look(List<PodView> pods, boolean isFaithful) {
    if (!alive) {
      return;
    }
    if (hello) {
      sayHello();
    }
    for (PodView pod : pods) {
      if (!pod.nodeName().equals(name.text())) {
        continue;
      }
      if (pod.isTerminating()) {
        outbox.add(() -> gone(pod));
      } else if (!pod.isFinished() && !pod.isReady()) {
        outbox.add(() -> running(pod));
      } else if (!pod.isFinished() && pod.spec().string("restartPolicy").equals("Never")) {
        String phase = isFaithful || random.nextInt(4) > 0 ? "Succeeded" : "Failed";
        outbox.add(() -> finished(pod, phase));
      }
    }
  }

  /** Sends some of what it has to say, in any order; some of it is lost, some goes twice. */
  void send(boolean faithfully) {
    List<Runnable> now = new ArrayList<>(outbox);
    outbox.clear();
    if (!faithfully) {
      java.util.Collections.shuffle(now, random);
    }
    for (Runnable each : now) {
      int drawn = faithfully ? 9 : random.nextInt(10);
      switch (drawn) {
        case 0 -> {}
        case 1 -> {
          each.run();
          each.run();
        }
        case 2, 3 -> outbox.add(each);
        default -> each.run();
      }
    }
  }

  private void gone(PodView pod) {
    ledger.release(pod.meta().uid());
    quietly(
        () ->
            master
                .get()
                .delete(
                    GroupResource.PODS,
                    pod.key(),
                    DeleteOptions.DEFAULT.withGracePeriodSeconds(0).withUid(pod.meta().uid())));
  }

  private void finished(PodView pod, String phase) {
    Obj current = access(pod.key());
    if (Meta.of(current).uid().equals(pod.meta().uid()) && !new PodView(current).isFinished()) {
      Obj status = current.obj("status").with("phase", phase);
      quietly(() -> master.get().updateStatus(GroupResource.PODS, current.with("status", status)));
    }
  }

  private void running(PodView pod) {
    Obj current = access(pod.key());
    if (!Meta.of(current).uid().equals(pod.meta().uid()) || new PodView(current).isFinished()) {
      return;
    }
    Obj status = current.obj("status");
    List<Obj> conditions =
        Condition.set(
            status.objs("conditions"),
            Condition.of(PodView.READY, Condition.TRUE, "", "", timer.instant()));
    Obj running =
        status
            .with("phase", "Running")
            .with("podIP", "10.42.0.1")
            .with("startTime", Meta.Times.format(timer.instant()))
            .with("conditions", conditions);
    quietly(() -> master.get().updateStatus(GroupResource.PODS, current.with("status", running)));
  }

  private Obj access(ObjectKey key) {
    try {
      return master.get().get(GroupResource.PODS, key);
    } catch (StatusException e) {
      return Obj.EMPTY; // gone meanwhile
    }
  }

  /** What comes too late is refused, and that is all that the node needs to know. */
  private static void quietly(Runnable write) {
    try {
      write.run();
    } catch (StatusException e) {
      Thread.onSpinWait();
    }
  }
}
