package dev.wherry.master.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells watches what the state's history says, on one thread that starts with the first watch and
 * sleeps while nothing changes. It keeps no queue: events are read from the history, which it holds
 * against compaction up to where it stands. Thread-safe.
 */
public final class WatchFeed implements AutoCloseable {
  /** Revisions looked at between two calls of the listeners. */
  private static final int CHUNK = 256;

  private static final Logger LOG = LoggerFactory.getLogger(WatchFeed.class);

  private final StateMachine state;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  // Guarded by lock.
  private final List<Subscription> joining = new ArrayList<>();
  private final List<Subscription> live = new ArrayList<>();
  private long published;
  private Optional<Thread> thread = Optional.empty();
  private boolean closed;

  public WatchFeed(StateMachine state) {
    this.state = state;
  }

  /** As {@link KvStore#watch}. */
  public Watch watch(KeyRange range, Revision after, Watch.Listener listener) {
    Subscription subscription = new Subscription(range, after.number(), listener);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the store is closed");
      }
      if (after.number() < state.oldest()) {
        throw new CompactedException(after, new Revision(state.oldest()));
      }
      joining.add(subscription);
      if (thread.isEmpty()) {
        thread = Optional.of(Thread.ofPlatform().name("store-watches").daemon().start(this::run));
      }
      work.signal();
    } finally {
      lock.unlock();
    }
    return subscription;
  }

  /** Says that the state shows more than before. */
  public void advanced() {
    lock.lock();
    try {
      if (!live.isEmpty()) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Compacts the state as far as the watches have been told; see {@link StateMachine#compact}. */
  public void compact(long floor, int limit) {
    lock.lock();
    try {
      long held = live.isEmpty() ? floor : Math.min(floor, published);
      for (Subscription subscription : joining) {
        held = Math.min(held, subscription.position);
      }
      state.compact(held, limit);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      Optional<Subscription> next;
      List<Subscription> told;
      long from;
      long upTo;
      lock.lock();
      try {
        while (!closed && joining.isEmpty() && (live.isEmpty() || published >= state.applied())) {
          work.awaitUninterruptibly();
        }
        if (closed) {
          return;
        }
        upTo = state.applied();
        if (live.isEmpty()) {
          published = upTo;
        }
        next = joining.isEmpty() ? Optional.empty() : Optional.of(joining.getFirst());
        from = next.map(s -> s.position).orElse(published);
        // One that joins is told what the others know already, then goes on with them.
        upTo = next.isPresent() ? published : upTo;
        told = next.map(List::of).orElseGet(() -> List.copyOf(live));
      } finally {
        lock.unlock();
      }
      long reached = from < upTo ? tell(told, from, upTo) : upTo;
      lock.lock();
      try {
        if (next.isEmpty()) {
          published = reached;
        } else {
          Subscription joined = next.get();
          joined.position = Math.max(joined.position, reached);
          if (reached == upTo && joining.remove(joined)) {
            live.add(joined);
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Tells one chunk of the revisions above {@code from} and returns the revision it reached. */
  private long tell(List<Subscription> told, long from, long upTo) {
    Map<Subscription, List<Event>> batches = new LinkedHashMap<>();
    long reached = upTo;
    int seen = 0;
    for (Map.Entry<Long, Key> change : state.changes(from, upTo).entrySet()) {
      long revision = change.getKey();
      Key key = change.getValue();
      Optional<Event> event = Optional.empty();
      for (Subscription subscription : told) {
        if (subscription.wants(key, revision)) {
          if (event.isEmpty()) {
            event = Optional.of(state.event(revision, key));
          }
          batches.computeIfAbsent(subscription, _ -> new ArrayList<>()).add(event.get());
        }
      }
      if (++seen == CHUNK) {
        reached = revision;
        break;
      }
    }
    batches.forEach(Subscription::deliver);
    return reached;
  }

  /** Ends all watches; returns once no listener is being called, but for the caller's own. */
  @Override
  public void close() {
    Optional<Thread> ending;
    lock.lock();
    try {
      closed = true;
      ending = thread;
      work.signal();
    } finally {
      lock.unlock();
    }
    if (ending.isPresent() && !ending.get().equals(Thread.currentThread())) {
      try {
        ending.get().join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Subscription implements Watch {
    private final KeyRange range;
    private final Listener listener;
    private final ReentrantLock delivering = new ReentrantLock();
    private boolean ended; // guarded by delivering
    // What it was told; written under the feed's lock, by the feed's thread alone.
    private volatile long position;

    Subscription(KeyRange range, long position, Listener listener) {
      this.range = range;
      this.position = position;
      this.listener = listener;
    }

    boolean wants(Key key, long revision) {
      return revision > position && range.contains(key);
    }

    void deliver(List<Event> events) {
      delivering.lock();
      try {
        if (!ended) {
          listener.onEvents(events);
        }
      } catch (RuntimeException e) {
        LOG.error("a watch of {} ends: its listener failed", range, e);
        close();
      } finally {
        delivering.unlock();
      }
    }

    @Override
    public void close() {
      delivering.lock(); // Waits for a delivery on the feed's thread; a listener may close itself.
      try {
        ended = true;
      } finally {
        delivering.unlock();
      }
      lock.lock();
      try {
        joining.remove(this);
        live.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }
}
