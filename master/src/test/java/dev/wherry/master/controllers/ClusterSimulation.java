package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

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

  /** One in so many seeds has its master on disk, and restarts the whole of it. */
  private static final int ON_DISK = 8;

  private static final long NODE_CPU_MILLIS = 4000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final List<String> APPS = List.of("a", "b", "c");

  private final long seed;
  private final Random random;
  private final Faults faults;
  private final ManualTimer timer = new ManualTimer(Instant.parse("2026-01-01T00:00:00Z"));
  private final Optional<Path> directory;
  private Cluster cluster;
  private final PodLedger ledger = new PodLedger(NODE_CPU_MILLIS);
  private final SimulatedNodes nodes;
  private final SimulatedJobs jobs;
  private final SimulatedSets sets;
  private final SimulatedChurn churn;
  private final SimulatedEvictions evictions;
  private final SimulatedLoad load;

  ClusterSimulation(long seed) throws IOException {
    this.seed = seed;
    this.directory =
        seed % ON_DISK == 0
            ? Optional.of(Files.createTempDirectory("wherry-sim-"))
            : Optional.empty();
    this.cluster = open();
    this.random = new Random(seed);
    this.faults = new Faults(seed);
    this.jobs = new SimulatedJobs(random);
    this.sets = new SimulatedSets(random, NODES, jobs);
    this.churn = new SimulatedChurn(random);
    this.evictions = new SimulatedEvictions(random);
    this.load = new SimulatedLoad(random);
    ledger.follow(cluster.objects);
    this.nodes = new SimulatedNodes(NODES, random, ledger, timer, () -> cluster);
    cluster.objects.create(
        GroupResource.PRIORITY_CLASSES,
        Cluster.json(
            """
            {'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass',
             'metadata':{'name':'important'},'value':1000}"""));
    sets.create(cluster.objects);
    churn.create(cluster.objects);
    evictions.create(cluster.objects);
    load.create(cluster.objects);
    startMaster();
  }

  private Cluster open() throws IOException {
    return directory.isPresent()
        ? new Cluster(timer, DiskStore.open(directory.get(), StoreOptions.defaults()))
        : new Cluster(timer);
  }

  /** The whole master stops and starts on what is on the disk; where there is none, all but it. */
  private void restart() throws Exception {
    cluster.stopControllers();
    if (directory.isPresent()) {
      cluster.await(
          "the ledger is up to date", () -> ledger.holds(cluster.list(GroupResource.PODS)));
      ledger.close();
      evictions.close();
      cluster.close();
      cluster = open();
      ledger.follow(cluster.objects);
      evictions.follow(cluster.objects);
    }
    startMaster();
    nodes.greet();
  }

  private void startMaster() {
    cluster.startControllers(nodes::lastSign, to -> new FaultyAccess(to, faults));
  }

  /** {@code FIRST COUNT}: runs so many seeds and says which failed. */
  public static void main(String[] args) throws Exception {
    long first = Long.parseLong(args[0]);
    long count = Long.parseLong(args[1]);
    int failed = 0;
    long bindings = 0;
    long ticks = 0;
    long begin = System.nanoTime();
    for (long seed = first; seed < first + count; seed++) {
      try (ClusterSimulation simulation = new ClusterSimulation(seed)) {
        simulation.run();
        bindings += simulation.ledger.bindings();
        ticks += simulation.ledger.ticks();
      } catch (AssertionError e) {
        failed++;
        System.out.println(e.getMessage());
      }
    }
    System.out.printf(
        "%d seeds from %d, %d pods bound, %d cron jobs' jobs, %d failed, %.0f s%n",
        count, first, bindings, ticks, failed, (System.nanoTime() - begin) / 1e9);
    System.exit(failed == 0 ? 0 : 1);
  }

  /**
   * @throws AssertionError with the seed
   */
  void run() throws Exception {
    for (int step = 0; step < STEPS; step++) {
      act();
      live(false);
      pass(Duration.ofMillis(random.nextInt(3000)));
    }
    faults.stop();
    nodes.settle();
    jobs.resume(cluster.objects);
    churn.calm(cluster.objects);
    load.settle();
    long end = System.nanoTime() + PATIENCE.toNanos();
    SimulatedOutcome outcome = new SimulatedOutcome(NODES, APPS, sets, churn, evictions, load);
    while (!outcome.isSettled(cluster)) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "seed %d: not settled%n%s%s"
                .formatted(seed, outcome.describe(cluster), ledger.violations()));
      }
      live(true);
      pass(Duration.ofSeconds(1));
      cluster.awaitChange();
    }
    String miscounted = SimulatedJobs.miscounted(cluster, ledger);
    evictions.evictAll(cluster);
    List<String> violations = new ArrayList<>(ledger.violations());
    violations.addAll(evictions.violations());
    violations.addAll(faults.invalid());
    if (!violations.isEmpty() || !miscounted.isEmpty()) {
      throw new AssertionError("seed " + seed + ": " + violations + miscounted);
    }
  }

  int bindings() {
    return ledger.bindings();
  }

  private void pass(Duration span) {
    nodes.giveSigns(timer.instant());
    load.report(cluster, nodes.all(), timer.instant());
    timer.advance(span);
  }

  private void live(boolean faithfully) {
    nodes.live(cluster.pods(), faithfully);
  }

  private void act() throws Exception {
    String app = APPS.get(random.nextInt(APPS.size()));
    switch (random.nextInt(26)) {
      case 0, 1, 2, 3 -> scale(app, random.nextInt(8));
      case 4, 5 -> roll(app);
      case 6, 7 -> deleteSomePod();
      case 8, 9, 23 -> nodes.act();
      case 10, 11 -> nodes.rise();
      case 12 -> restart();
      case 13 -> important();
      case 15, 16, 17 -> sets.act(cluster.objects);
      case 18, 19 -> churn.act(cluster);
      case 20, 21 -> evictions.act(cluster);
      case 22 -> load.change();
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
    boolean atOnce = random.nextInt(4) == 0;
    DeleteOptions options =
        atOnce ? DeleteOptions.DEFAULT.withGracePeriodSeconds(0) : DeleteOptions.DEFAULT;
    if (atOnce) {
      ledger.release(pod.meta().uid());
    }
    try {
      cluster.objects.delete(GroupResource.PODS, pod.key(), options.withUid(pod.meta().uid()));
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

  @Override
  public void close() throws Exception {
    ledger.close();
    evictions.close();
    cluster.close();
    timer.close();
    if (directory.isPresent()) {
      try (Stream<Path> files = Files.walk(directory.get())) {
        files.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
      }
    }
  }
}
