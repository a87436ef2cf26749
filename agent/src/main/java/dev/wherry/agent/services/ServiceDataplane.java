package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Sysctl;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's service tables as the desired state has them: follows its changes, lets a few
 * milliseconds of them come together, and applies the difference on a thread of its own.
 *
 * <p>Until the desired state is complete (the master has sent everything, or a checkpoint was
 * loaded before {@link #start}) the kernel keeps what an agent before this one left there, so that
 * services answer through a restart. When a difference is refused, or somebody has taken rules
 * away, the whole table is loaded again.
 *
 * <p>Thread-safe.
 */
public final class ServiceDataplane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceDataplane.class);

  /** How long a first change waits for company. */
  static final Duration COALESCE = Duration.ofMillis(5);

  /** How often the table is looked at, for others may flush it. */
  static final Duration CHECK_EVERY = Duration.ofSeconds(30);

  /** The first wait after a failure; doubled up to {@link #CHECK_EVERY}. */
  static final Duration RETRY_AFTER = Duration.ofMillis(500);

  private static final Sysctl ROUTE_LOCALNET = new Sysctl("net/ipv4/conf/all/route_localnet");
  private static final long STACK_BYTES = 512 << 10;

  /** Puts back what others may have taken away. Cheap where nothing is missing. */
  public interface Upkeep {
    void run() throws IOException, InterruptedException;
  }

  private final DesiredState desired;
  private final String table;
  private final Nft nft;
  private volatile Function<PodUid, Optional<Inet4Address>> podAddress = _ -> Optional.empty();
  private final Conntrack conntrack = new Conntrack();
  private final List<Upkeep> upkeep = new CopyOnWriteArrayList<>();
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Condition idle = lock.newCondition();
  // Guarded by the lock. Bounded by the number of objects: what changes twice is here once.
  private final Set<ObjectKey> dirtyServices = new HashSet<>();
  private final Set<ObjectKey> dirtySlices = new HashSet<>();
  private final Set<ObjectKey> dirtyPods = new HashSet<>();
  private boolean complete;
  private boolean checkAsked;
  private boolean busy;
  private boolean closed;

  // Confined to the thread.
  private final ServiceTables tables;
  private final HealthCheckPorts healthChecks = new HealthCheckPorts();
  private Optional<Networks> networks = Optional.empty();
  private Ruleset wanted = Ruleset.empty(new BaseRules("", "", ""));
  private Optional<Ruleset> applied = Optional.empty();
  private Duration retry = RETRY_AFTER;

  /**
   * @param table name of an nftables table that is this cluster's alone
   * @param nft stays the caller's to close
   */
  public ServiceDataplane(DesiredState desired, NodeName node, String table, Nft nft) {
    this.desired = desired;
    this.table = table;
    this.nft = nft;
    this.tables = new ServiceTables(node);
    this.thread = new Thread(null, this::run, "services", STACK_BYTES);
    this.thread.setDaemon(true);
  }

  /**
   * Begins to follow the desired state. Where that knows services already, it counts as complete.
   * The thread works in the caller's network namespace.
   */
  public void start() {
    desired.listen(this::onChange);
    lock.lock();
    try {
      desired.all(Resource.SERVICES).forEach(object -> dirtyServices.add(ObjectKey.of(object)));
      desired.all(Resource.ENDPOINT_SLICES).forEach(slice -> dirtySlices.add(ObjectKey.of(slice)));
      desired.all(Resource.PODS).forEach(pod -> dirtyPods.add(ObjectKey.of(pod)));
      complete |= !dirtyServices.isEmpty();
    } finally {
      lock.unlock();
    }
    thread.start();
  }

  private void onChange(Change change) {
    lock.lock();
    try {
      switch (change) {
        case Change.Upserted(var resource, var object) -> mark(resource, ObjectKey.of(object));
        case Change.Removed(var resource, var last) -> mark(resource, ObjectKey.of(last));
        case Change.NetworksKnown _ -> wake.signalAll();
        case Change.Synced _ -> {
          complete = true;
          wake.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void mark(Resource resource, ObjectKey key) {
    switch (resource) {
      case SERVICES -> dirtyServices.add(key);
      case ENDPOINT_SLICES -> dirtySlices.add(key);
      case PODS -> dirtyPods.add(key);
      case CONFIG_MAPS,
          SECRETS,
          NODES,
          INGRESSES,
          INGRESS_CLASSES,
          NETWORK_POLICIES,
          NAMESPACES,
          PEER_PODS,
          PERSISTENT_VOLUMES,
          PERSISTENT_VOLUME_CLAIMS -> {
        return;
      }
    }
    wake.signalAll();
  }

  /**
   * Tells where pods of this node are, which those with ports of the node need.
   *
   * @param address empty while a pod has none
   */
  public void locatePods(Function<PodUid, Optional<Inet4Address>> address) {
    podAddress = address;
  }

  /** Has a pod looked at again: it has an address now, or has none any more. */
  public void podMoved(PodUid pod) {
    for (Obj each : desired.all(Resource.PODS)) {
      PodView view = new PodView(each);
      if (view.uid().equals(pod)) {
        lock.lock();
        try {
          mark(Resource.PODS, view.key());
        } finally {
          lock.unlock();
        }
        return;
      }
    }
  }

  /** Has something of another room looked after whenever the table is. */
  public void alsoKeep(Upkeep other) {
    upkeep.add(other);
  }

  /** Has the table looked at now, not only when its time comes. */
  public void check() {
    lock.lock();
    try {
      checkAsked = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until everything told so far is in the kernel; false when it is not in time. */
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (busy || checkAsked || hasWork()) {
        if (left <= 0) {
          return false;
        }
        left = idle.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasWork() {
    return complete
        && !desired.networks().clusterCidr().isEmpty()
        && (!dirtyServices.isEmpty()
            || !dirtySlices.isEmpty()
            || !dirtyPods.isEmpty()
            || !networks.equals(Optional.of(desired.networks())));
  }

  private void run() {
    try {
      while (awaitWork()) {
        try {
          turn();
          retry = RETRY_AFTER;
        } catch (IOException | RuntimeException e) {
          applied = Optional.empty();
          LOG.error("service rules are not up to date, next try in {}: {}", retry, e.toString());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for changes, the next check or the next try; false once closed. */
  private boolean awaitWork() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      busy = false;
      idle.signalAll();
      boolean failed = applied.isEmpty() && networks.isPresent();
      long left = (failed ? retry : CHECK_EVERY).toNanos();
      while (!closed && !hasWork() && !checkAsked && left > 0) {
        left = wake.awaitNanos(left);
      }
      if (failed) {
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(CHECK_EVERY) < 0 ? doubled : CHECK_EVERY;
      }
      long company = COALESCE.toNanos();
      while (!closed && hasWork() && company > 0) {
        company = wake.awaitNanos(company);
      }
      busy = true;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void turn() throws IOException, InterruptedException {
    boolean look;
    lock.lockInterruptibly();
    try {
      look = checkAsked || !hasWork();
      checkAsked = false;
      if (!complete || desired.networks().clusterCidr().isEmpty()) {
        return;
      }
      take();
    } finally {
      lock.unlock();
    }
    resolve();
    if (look) {
      for (Upkeep other : upkeep) {
        other.run();
      }
    }
    if (look && applied.isPresent() && !isWhole()) {
      LOG.warn("the rules of table {} were taken away: loading them again", table);
      applied = Optional.empty();
    }
    apply();
  }

  /** Brings what was marked into the tables. */
  private void take() {
    dirtyServices.forEach(
        key ->
            desired
                .get(Resource.SERVICES, key)
                .ifPresentOrElse(tables::putService, () -> tables.removeService(key)));
    dirtySlices.forEach(
        key ->
            desired
                .get(Resource.ENDPOINT_SLICES, key)
                .ifPresentOrElse(tables::putSlice, () -> tables.removeSlice(key)));
    dirtyPods.forEach(key -> tables.putHostPorts(key, hostPorts(key)));
    dirtyServices.clear();
    dirtySlices.clear();
    dirtyPods.clear();
  }

  private List<ServicePort> hostPorts(ObjectKey key) {
    Optional<PodView> pod = desired.get(Resource.PODS, key).map(PodView::new);
    return pod.flatMap(each -> podAddress.apply(each.uid()))
        .map(address -> HostPorts.of(pod.get(), address))
        .orElse(List.of());
  }

  private void resolve() {
    Networks now = desired.networks();
    Set<ObjectKey> changed = tables.takeChanged();
    if (!networks.equals(Optional.of(now))) {
      networks = Optional.of(now);
      applied = Optional.empty();
      wanted = Ruleset.empty(new BaseRules(table, now.clusterCidr(), now.serviceCidr()));
      changed = tables.services();
    }
    Map<ObjectKey, ServiceRules> rules = new HashMap<>();
    changed.forEach(
        key -> rules.put(key, ServiceRules.render(tables.resolve(key), now.clusterCidr())));
    wanted = wanted.with(rules);
    if (!changed.isEmpty()) {
      healthChecks.serve(tables.healthChecks());
    }
  }

  private void apply() throws IOException, InterruptedException {
    if (applied.isPresent()) {
      Ruleset.Transaction transaction = wanted.planFrom(applied.get());
      if (transaction.isEmpty()) {
        return;
      }
      try {
        nft.run(transaction.commands());
        applied = Optional.of(wanted);
        conntrack.forget(transaction.stale());
        return;
      } catch (Nft.RejectedException e) {
        LOG.warn(
            "a change of service rules was refused, loading all: {}",
            String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      }
    }
    nft.run(wanted.render());
    // Only now: the table's guard makes it safe.
    ROUTE_LOCALNET.set("1");
    applied = Optional.of(wanted);
    conntrack.sweep(wanted.udpFlows());
    LOG.info("loaded the rules of all services into table {}", table);
  }

  /**
   * Whether the table is there. Its rules are not compared: what happens to tables is {@code nft
   * flush ruleset}, and listing the names of chains alone costs little however much they hold.
   */
  private boolean isWhole() throws IOException, InterruptedException {
    return nft.run("list chains ip\n").contains("table ip " + table + " {");
  }

  /** Stops following. The kernel goes on balancing by what is in its tables. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
      healthChecks.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes a cluster's table and what made it safe to answer on loopback addresses. */
  public static void purge(String table, Nft nft) throws IOException, InterruptedException {
    ROUTE_LOCALNET.set("0");
    nft.run(BaseRules.renderRemoval(Objects.requireNonNull(table)));
  }
}
