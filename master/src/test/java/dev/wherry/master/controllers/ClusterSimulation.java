package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A whole master and hollow nodes in one process, from one seed: its clock, what users do, which
 * nodes die and come back, when the master crashes, and which messages are lost, doubled or
 * overtaken. Once the faults stop the cluster must become what its users asked for, and at no time
 * may be what {@link PodLedger} notes. The master's own threads run as they will: a seed makes the
 * same faults again, not the same interleaving.
 */
final class ClusterSimulation implements AutoCloseable {
  private static final int NODES = 6;
  private static final int STEPS = 120;
  private static final long NODE_CPU_MILLIS = 4000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final List<String> APPS = List.of("a", "b", "c");

  private final long seed;
  private final Random random;
  private final Faults faults;
  private final ManualTimer timer = new ManualTimer(Instant.parse("2026-01-01T00:00:00Z"));
  private final Cluster cluster = new Cluster(timer);
  private final Map<NodeName, Instant> signs = new ConcurrentHashMap<>();
  private final List<HollowNode> nodes = new ArrayList<>();
  private final PodLedger ledger;

  ClusterSimulation(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.faults = new Faults(seed);
    this.ledger = new PodLedger(cluster.objects, NODE_CPU_MILLIS);
    for (int i = 0; i < NODES; i++) {
      String name = "n" + i;
      cluster.addNode(name);
      nodes.add(new HollowNode(name, cluster.objects, timer, random));
    }
    cluster.objects.create(
        GroupResource.PRIORITY_CLASSES,
        Cluster.json(
            """
            {'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass',
             'metadata':{'name':'important'},'value':1000}"""));
    startMaster();
  }

  private void startMaster() {
    cluster.startControllers(
        node -> Optional.ofNullable(signs.get(node)), to -> new FaultyAccess(to, faults));
  }

  /** {@code FIRST COUNT}: runs so many seeds and says which failed. */
  public static void main(String[] args) throws Exception {
    long first = Long.parseLong(args[0]);
    long count = Long.parseLong(args[1]);
    int failed = 0;
    long bindings = 0;
    long begin = System.nanoTime();
    for (long seed = first; seed < first + count; seed++) {
      try (ClusterSimulation simulation = new ClusterSimulation(seed)) {
        simulation.run();
        bindings += simulation.ledger.bindings();
      } catch (AssertionError e) {
        failed++;
        System.out.println(e.getMessage());
      }
    }
    System.out.printf(
        "%d seeds from %d, %d pods bound, %d failed, %.0f s%n",
        count, first, bindings, failed, (System.nanoTime() - begin) / 1e9);
    System.exit(failed == 0 ? 0 : 1);
  }

  /**
   * @throws AssertionError with the seed
   */
  void run() {
    for (int step = 0; step < STEPS; step++) {
      act();
      live(false);
      pass(Duration.ofMillis(random.nextInt(3000)));
    }
    faults.stop();
    nodes.forEach(HollowNode::rise);
    for (HollowNode each : nodes) {
      cordon(each.name, false);
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isSettled()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("seed " + seed + ": not settled\n" + describe());
      }
      live(true);
      pass(Duration.ofSeconds(1));
      cluster.awaitChange();
    }
    if (!ledger.violations().isEmpty()) {
      throw new AssertionError("seed " + seed + ": " + ledger.violations());
    }
  }

  int bindings() {
    return ledger.bindings();
  }

  private void pass(Duration span) {
    for (HollowNode each : nodes) {
      if (each.isAlive()) {
        signs.put(each.name, timer.instant());
      }
    }
    timer.advance(span);
  }

  private void live(boolean faithfully) {
    List<PodView> pods = cluster.pods();
    for (HollowNode each : nodes) {
      each.look(pods);
      each.send(faithfully);
    }
  }

  private void act() {
    String app = APPS.get(random.nextInt(APPS.size()));
    HollowNode node = nodes.get(random.nextInt(NODES));
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> scale(app, random.nextInt(8));
      case 4, 5 -> roll(app);
      case 6, 7 -> deleteSomePod();
      case 8 -> cordon(node.name, random.nextBoolean());
      case 9 -> node.die();
      case 10, 11 -> nodes.forEach(HollowNode::rise);
      case 12 -> {
        cluster.stopControllers();
        startMaster();
        nodes.forEach(HollowNode::greet);
      }
      case 13 -> important();
      case 14 -> pass(Duration.ofSeconds(60));
      default -> pass(Duration.ofMillis(200));
    }
  }

  private void scale(String app, int replicas) {
    Obj deployment = Cluster.deployment(app, replicas, "hello:1");
    Obj limited =
        deployment.withAt(
            List.of(
                Cluster.json(
                    """
                    {'name':'c','image':'hello:1',
                     'resources':{'requests':{'cpu':'900m'}}}""")),
            "spec",
            "template",
            "spec",
            "containers");
    try {
      if (cluster.find(GroupResource.DEPLOYMENTS, Cluster.key(app)).isEmpty()) {
        cluster.objects.create(GroupResource.DEPLOYMENTS, limited);
      } else {
        cluster.merge(GroupResource.DEPLOYMENTS, app, "{'spec':{'replicas':" + replicas + "}}");
      }
    } catch (StatusException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void roll(String app) {
    if (cluster.find(GroupResource.DEPLOYMENTS, Cluster.key(app)).isPresent()) {
      cluster.merge(
          GroupResource.DEPLOYMENTS,
          app,
          "{'spec':{'template':{'metadata':{'annotations':{'r':'" + random.nextInt() + "'}}}}}");
    }
  }

  private void deleteSomePod() {
    List<PodView> pods = cluster.pods();
    if (pods.isEmpty()) {
      return;
    }
    PodView pod = pods.get(random.nextInt(pods.size()));
    DeleteOptions options =
        random.nextInt(4) == 0
            ? DeleteOptions.DEFAULT.withGracePeriodSeconds(0)
            : DeleteOptions.DEFAULT;
    try {
      cluster.objects.delete(GroupResource.PODS, pod.key(), options);
    } catch (StatusException e) {
      Thread.onSpinWait(); // somebody else was quicker
    }
  }

  /** A pod for which others may have to go. */
  private void important() {
    cluster.objects.create(
        GroupResource.PODS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'i%d','namespace':'default'},
             'spec':{'priorityClassName':'important','containers':[{'name':'c','image':'hello:1',
               'resources':{'requests':{'cpu':'2'}}}]}}"""
                .formatted(random.nextInt(Integer.MAX_VALUE))));
  }

  private void cordon(NodeName name, boolean cordoned) {
    Obj node = cluster.objects.get(GroupResource.NODES, new ObjectKey("", name.text()));
    if (new NodeView(node).unschedulable() != cordoned) {
      try {
        cluster.objects.update(GroupResource.NODES, node.withAt(cordoned, "spec", "unschedulable"));
      } catch (StatusException e) {
        cordon(name, cordoned); // somebody else wrote in between
      }
    }
  }

  /** Everything is as it was asked for, or there is no room for it. */
  private boolean isSettled() {
    List<PodView> pods = cluster.pods();
    boolean calm =
        pods.stream().noneMatch(PodView::isTerminating)
            && pods.stream().allMatch(pod -> pod.isReady() || isRefused(pod))
            && cluster.list(GroupResource.NODES).stream()
                .map(NodeView::new)
                .allMatch(node -> node.isReady() && node.taints().isEmpty());
    return calm && APPS.stream().allMatch(app -> hasItsPods(app, pods));
  }

  private static boolean isRefused(PodView pod) {
    return pod.nodeName().isEmpty()
        && pod.condition(PodView.POD_SCHEDULED)
            .filter(each -> each.message().contains(NODES + " Insufficient cpu"))
            .isPresent();
  }

  private boolean hasItsPods(String app, List<PodView> pods) {
    Optional<Obj> deployment = cluster.find(GroupResource.DEPLOYMENTS, Cluster.key(app));
    if (deployment.isEmpty()) {
      return true;
    }
    List<PodView> own =
        pods.stream().filter(pod -> app.equals(pod.meta().labels().get("app"))).toList();
    boolean waits = own.stream().anyMatch(ClusterSimulation::isRefused);
    return waits
        || own.size() == deployment.get().obj("spec").number("replicas", 1)
            && cluster.isRolledOut(app);
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (PodView pod : cluster.pods()) {
      text.append(pod.key().name())
          .append(" on ")
          .append(pod.nodeName())
          .append(pod.isTerminating() ? " terminating" : "")
          .append(pod.isReady() ? " ready " : " not ready ")
          .append(pod.condition(PodView.POD_SCHEDULED).map(each -> each.message()).orElse(""))
          .append('\n');
    }
    for (Obj node : cluster.list(GroupResource.NODES)) {
      text.append(Meta.of(node).name()).append(' ').append(node.obj("spec")).append('\n');
    }
    for (Obj deployment : cluster.list(GroupResource.DEPLOYMENTS)) {
      text.append(deployment).append('\n');
    }
    return text.append(ledger.violations()).toString();
  }

  @Override
  public void close() throws Exception {
    ledger.close();
    cluster.close();
    timer.close();
  }
}
