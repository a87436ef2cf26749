package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps services balanced as the desired state has them: follows its changes, lets a few
 * milliseconds of them come together, resolves what they change and has a {@link Balancer} apply
 * that, on a thread of its own.
 *
 * <p>Until the desired state is complete (the master has sent everything) the balancer is told
 * nothing, so that services answer through a restart by what an agent before this one left in the
 * kernel. A checkpoint loaded before {@link #start} is taken for complete at once where nothing was
 * left, as after a reboot, and otherwise when the master is not heard of in time ({@link
 * DesiredState#heardWithin}).
 *
 * <p>Thread-safe.
 */
public final class ServiceDataplane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceDataplane.class);

  /** How long a first change waits for company. */
  static final Duration COALESCE = Duration.ofMillis(5);

  /** How often the balancer looks whether all is in place: others may flush a table. */
  static final Duration CHECK_EVERY = Duration.ofSeconds(5);

  /** The first wait after a failure; doubled up to {@link #CHECK_EVERY}. */
  static final Duration RETRY_AFTER = Duration.ofMillis(500);

  private static final long STACK_BYTES = 512 << 10;

  private final DesiredState desired;
  private final IpFamily family;
  private final Balancer balancer;
  private final CompletableFuture<Void> heard;
  private volatile Function<PodUid, Optional<Ip>> podAddress = _ -> Optional.empty();
  private final Upkeep upkeep = new Upkeep();
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private final Condition idle = lock.newCondition();
  // Guarded by the lock.
  private final PendingChanges pending;
  private boolean complete;
  private boolean checkpointed;
  private boolean checkAsked;
  private boolean busy;
  private boolean behind;
  private boolean closed;

  // Confined to the thread.
  private final BalancedServices services;
  private final TurnPace pace = new TurnPace(CHECK_EVERY, RETRY_AFTER);

  /**
   * @param family of the addresses that it has balanced
   * @param balancer is this one's from now on, to close as well
   * @param heard when a checkpoint may replace rules that an earlier agent left
   */
  public ServiceDataplane(
      DesiredState desired,
      NodeName node,
      IpFamily family,
      Balancer balancer,
      CompletableFuture<Void> heard) {
    this.desired = desired;
    this.family = family;
    this.heard = heard;
    this.pending = new PendingChanges(node);
    this.balancer = balancer;
    this.services = new BalancedServices(node, family, balancer);
    this.thread = new Thread(null, this::run, "services", STACK_BYTES);
    this.thread.setDaemon(true);
  }

  /**
   * Begins to follow the desired state; what that knows already is a checkpoint's. The thread works
   * in the caller's network namespace.
   */
  public void start() {
    desired.listen(this::onChange);
    lock.lock();
    try {
      checkpointed = pending.markAll(desired);
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
    if (pending.mark(resource, key)) {
      wake.signalAll();
    }
  }

  /**
   * Tells where pods of this node are, which those with ports of the node need.
   *
   * @param address empty while a pod has none
   */
  public void locatePods(Function<PodUid, Optional<Ip>> address) {
    podAddress = address;
  }

  /** Has a pod looked at again: it has an address now, or has none any more. */
  public void podMoved(PodUid pod) {
    Optional<ObjectKey> key =
        desired.all(Resource.PODS).stream()
            .filter(each -> new PodView(each).uid().equals(pod))
            .map(ObjectKey::of)
            .findFirst();
    lock.lock();
    try {
      key.ifPresent(found -> mark(Resource.PODS, found));
    } finally {
      lock.unlock();
    }
  }

  /** What went to each service from this node. */
  public Map<ObjectKey, ServiceCount> counts() throws IOException, InterruptedException {
    return balancer.counts();
  }

  /** Has something of another room looked after whenever the table is. */
  public void alsoKeep(Upkeep.Task other) {
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

  /**
   * Waits until everything told so far is in the kernel, tries after a failure included; false when
   * it is not in time.
   */
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (busy || behind || checkAsked || hasWork() || (checkpointed && !complete)) {
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
        && !networks().clusterCidr().isEmpty()
        && (!pending.isEmpty() || !services.areOf(networks()));
  }

  private Networks networks() {
    return desired.networks().of(family);
  }

  private void run() {
    try {
      if (checkpointed) {
        CompletableFuture<Void> trusted =
            services.answerAlready() ? heard : CompletableFuture.completedFuture(null);
        trusted.thenRun(this::trustCheckpoint);
      }
      while (awaitWork()) {
        try {
          turn();
          pace.succeeded();
        } catch (IOException | RuntimeException e) {
          pace.failed();
          LOG.error("services are not up to date, next try in {}: {}", pace.next(), e.toString());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void trustCheckpoint() {
    lock.lock();
    try {
      complete = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for changes, the next check or the next try; false once closed. */
  private boolean awaitWork() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      busy = false;
      behind = pace.isFailing();
      idle.signalAll();
      long left = pace.next().toNanos();
      while (!closed && !hasWork() && !checkAsked && left > 0) {
        left = wake.awaitNanos(left);
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
    boolean asked;
    lock.lockInterruptibly();
    try {
      asked = checkAsked;
      look = asked || !hasWork();
      checkAsked = false;
      if (!complete || networks().clusterCidr().isEmpty()) {
        return;
      }
      pending.moveTo(services.tables(), desired, podAddress);
    } finally {
      lock.unlock();
    }
    services.resolve(networks());
    if (look) {
      boolean disturbed = balancer.isDisturbed();
      balancer.apply();
      if (disturbed || asked || upkeep.isDue(System.nanoTime())) {
        upkeep.run();
      }
    } else {
      balancer.apply();
    }
  }

  /** Stops following. What is in the kernel's tables stays there and goes on balancing. */
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
      services.close();
      balancer.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
