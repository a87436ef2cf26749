package dev.wherry.agent.volume;

import dev.wherry.agent.linux.TreeSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sizes of trees that somebody asks for again and again, each measured once a minute at most
 * and only after it was asked for. One thread goes through them, one after another, and rests
 * {@value #REST} times as long as each took; it ends when none is wanted. At most {@value
 * #MAX_TREES} are remembered, of more those that were asked for last. Thread-safe.
 */
public final class TreeSizes {
  static final int MAX_TREES = 1024;
  private static final Logger LOG = LoggerFactory.getLogger(TreeSizes.class);
  private static final int REST = 20;
  private static final Duration FRESH = Duration.ofMinutes(1);

  /** How long one who asks waits in all for trees that were never measured. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private record Known(TreeSize size, long atNanos) {}

  private final LongSupplier nanoTime;
  private final Duration patience;
  private final int rest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition measured = lock.newCondition();
  private final Map<Path, Known> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
          return size() > MAX_TREES;
        }
      };
  private final Set<Path> wanted = new LinkedHashSet<>();
  private boolean walks;
  private long restsUntilNanos = System.nanoTime();

  public TreeSizes() {
    this(System::nanoTime, PATIENCE, REST);
  }

  /**
   * @param nanoTime by which a size grows old
   */
  TreeSizes(LongSupplier nanoTime, Duration patience, int rest) {
    this.nanoTime = nanoTime;
    this.patience = patience;
    this.rest = rest;
  }

  /** One who asks for several trees and has the patience of one. Confined to one thread. */
  public final class Reading {
    private long leftNanos = patience.toNanos();

    private Reading() {}

    /** As of a minute ago at the best; empty: it could not be measured yet. */
    public Optional<TreeSize> of(Path tree) throws IOException {
      lock.lock();
      try {
        want(tree);
        while (!known.containsKey(tree) && wanted.contains(tree) && mayComeIn(leftNanos)) {
          leftNanos = measured.awaitNanos(leftNanos);
        }
        return Optional.ofNullable(known.get(tree)).map(Known::size);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while " + tree + " is measured", e);
      } finally {
        lock.unlock();
      }
    }
  }

  public Reading read() {
    return new Reading();
  }

  /** Whether the next tree is measured in this time: not while a large one is rested from. */
  private boolean mayComeIn(long nanos) {
    return nanos > 0 && restsUntilNanos - System.nanoTime() < nanos;
  }

  private void want(Path tree) {
    Known before = known.get(tree);
    boolean old = before == null || nanoTime.getAsLong() - before.atNanos() >= FRESH.toNanos();
    if (old && wanted.size() < MAX_TREES) {
      wanted.add(tree);
      if (!walks) {
        walks = true;
        Thread.ofVirtual().name("tree-sizes").start(this::walk);
      }
    }
  }

  private void walk() {
    for (Optional<Path> tree = next(); tree.isPresent(); tree = next()) {
      long begin = System.nanoTime();
      try {
        TreeSize size = TreeSize.measure(tree.get());
        lock.lock();
        try {
          known.put(tree.get(), new Known(size, nanoTime.getAsLong()));
        } finally {
          lock.unlock();
        }
      } catch (IOException e) {
        LOG.debug("cannot measure {}: {}", tree.get(), e.getMessage()); // it is asked for again
      } catch (RuntimeException e) {
        LOG.warn("cannot measure {}", tree.get(), e); // the others are measured
      }
      long pause = (System.nanoTime() - begin) * rest;
      done(tree.get(), pause);
      rest(pause);
    }
  }

  private Optional<Path> next() {
    lock.lock();
    try {
      Optional<Path> next = wanted.stream().findFirst();
      walks = next.isPresent();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void done(Path tree, long pauseNanos) {
    lock.lock();
    try {
      restsUntilNanos = System.nanoTime() + pauseNanos;
      wanted.remove(tree);
      measured.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void rest(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // nobody does; the next rest is none
    }
  }
}
