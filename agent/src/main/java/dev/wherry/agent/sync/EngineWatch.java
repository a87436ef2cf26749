package dev.wherry.agent.sync;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the engine's containers now and then, and at once when somebody got no answer; brings the
 * engine up again where it does not answer. One virtual thread; methods are thread-safe.
 */
final class EngineWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
  private static final Duration RELIST = Duration.ofSeconds(30);
  private static final Duration RELIST_WHEN_LOST = Duration.ofSeconds(1);

  /** An engine that is started anew is back long before; kubelet waits as long for its runtime. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ContainerRuntime runtime;
  private final Engine engine;
  private final NodeClock clock;
  private final Lists lists;
  private final Semaphore now = new Semaphore(0);
  private final AtomicReference<@Nullable Instant> lostAt = new AtomicReference<>(); // by the timer
  private @Nullable Thread thread;

  /** Told what the engine has. */
  interface Lists {
    /**
     * @param listedAt by the timer, before the list was asked for
     */
    void listed(List<ContainerObservation> all, Instant listedAt);
  }

  EngineWatch(ContainerRuntime runtime, Engine engine, NodeClock clock, Lists lists) {
    this.runtime = runtime;
    this.engine = engine;
    this.clock = clock;
    this.lists = lists;
  }

  /** The engine answers by now. */
  void start() {
    engine.whenLost(this::lost);
    thread = Thread.ofVirtual().name("relist").start(this::run);
  }

  /** Somebody got no answer: look at once, and bring the engine up again. */
  void lost() {
    missed();
    now.release();
  }

  private void missed() {
    lostAt.compareAndSet(null, clock.timer());
  }

  /** Whether it has not answered for {@link #PATIENCE}. */
  boolean isDown() {
    Instant since = lostAt.get();
    return since != null && !clock.timer().isBefore(since.plus(PATIENCE));
  }

  private void run() {
    try {
      while (true) {
        Duration wait = lostAt.get() == null ? RELIST : RELIST_WHEN_LOST;
        if (now.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          now.drainPermits();
        }
        list();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void list() throws InterruptedException {
    Instant listedAt = clock.timer();
    try {
      runtime.version(); // a list may take long where much goes on, an engine that hangs must not
      List<ContainerObservation> all = runtime.list();
      lostAt.set(null);
      lists.listed(all, listedAt);
    } catch (EngineException e) {
      missed();
      LOG.warn("{}", e.getMessage());
      restart();
    }
  }

  private void restart() throws InterruptedException {
    try {
      engine.ensure();
      engine.whenLost(this::lost);
      // The list that follows looks for what ended unseen.
    } catch (IOException e) {
      LOG.error("the container engine does not come up: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    Thread started = thread;
    if (started != null) {
      started.interrupt();
    }
  }
}
