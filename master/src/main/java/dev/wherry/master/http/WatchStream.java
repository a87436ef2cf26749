package dev.wherry.master.http;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.http.Rendering.Columns;
import dev.wherry.master.http.WatchRequests.Bookmarks;
import dev.wherry.master.http.WatchRequests.Initial;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.WatchEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The events of one watch on their way to its client. The registry puts them in without waiting;
 * the thread of the request encodes and writes them. A client that falls {@value #MAX_PENDING}
 * events behind is dropped: it lists again and misses nothing.
 *
 * <p>Thread-safe.
 */
final class WatchStream implements ObjectWatch.Listener {
  static final int MAX_PENDING = 1024;

  /** How many bytes are gathered into one write, more or less. */
  private static final int WRITE_BYTES = 32 * 1024;

  private static final Duration BOOKMARK_INTERVAL = Duration.ofMinutes(1);

  /** As long before the end of a watch as Kubernetes sends its last bookmark. */
  private static final Duration BEFORE_END = Duration.ofSeconds(2);

  private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

  private final Rendering rendering;
  private final ResourceDefinition definition;
  private final EncodedEvents encoded;
  private final Bookmarks bookmarks;
  private final long timeoutNanos;
  private final InstantSource clock;
  private final Runnable whenSlow;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<WatchEvent> pending = new ArrayDeque<>(); // guarded by lock
  private int limit = Integer.MAX_VALUE; // guarded by lock: the first state counts not
  private boolean stopped; // guarded by lock
  private boolean overrun; // guarded by lock

  // Confined to the thread of the request.
  private Columns columns;
  private Initial initial;

  /**
   * @param whenSlow ends the connection: the thread that writes may hang in it. Must not block
   */
  WatchStream(
      Rendering rendering,
      ResourceDefinition definition,
      EncodedEvents encoded,
      Bookmarks bookmarks,
      Initial initial,
      Duration timeout,
      InstantSource clock,
      Runnable whenSlow) {
    this.rendering = rendering;
    this.columns =
        rendering.representation() instanceof Representation.Table ? Columns.TOLD : Columns.OMITTED;
    this.definition = definition;
    this.encoded = encoded;
    this.bookmarks = bookmarks;
    this.initial = initial;
    this.timeoutNanos = timeout.toNanos();
    this.clock = clock;
    this.whenSlow = whenSlow;
  }

  @Override
  public void onEvents(List<WatchEvent> events) {
    lock.lock();
    try {
      if (stopped) {
        return;
      }
      if (pending.size() + events.size() > limit) {
        overrun = true;
        stopped = true;
        pending.clear();
        whenSlow.run();
      } else {
        pending.addAll(events);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream; what waits is dropped. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      pending.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes events as they come, until the watch's time is over or the client is gone.
   *
   * @throws IOException when the client is gone or too slow
   */
  void copyTo(OutputStream out, ObjectWatch watch) throws IOException {
    long start = System.nanoTime();
    long nextBookmark = bookmarkAfter(0);
    beginCounting();
    while (true) {
      long now = System.nanoTime() - start;
      if (now >= timeoutNanos) {
        return;
      }
      boolean marks = bookmarks == Bookmarks.WANTED;
      if (marks && now >= nextBookmark) {
        watch.requestBookmark();
        nextBookmark = bookmarkAfter(now);
      }
      long until = marks ? Math.min(timeoutNanos, nextBookmark) : timeoutNanos;
      List<WatchEvent> events = take(until - now);
      if (events.isEmpty() && isStopped()) {
        return;
      }
      write(events, out);
    }
  }

  /**
   * The last one comes shortly before the end, so that who watches again begins where this ends.
   */
  private long bookmarkAfter(long nanos) {
    long next = nanos + BOOKMARK_INTERVAL.toNanos();
    long last = timeoutNanos - BEFORE_END.toNanos();
    return nanos < last ? Math.min(next, last) : next;
  }

  private void beginCounting() {
    lock.lock();
    try {
      limit = pending.size() + MAX_PENDING;
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopped() throws IOException {
    lock.lock();
    try {
      if (overrun) {
        throw new IOException("the watcher is more than " + MAX_PENDING + " events behind");
      }
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  private List<WatchEvent> take(long nanos) throws IOException {
    lock.lock();
    try {
      long left = nanos;
      while (pending.isEmpty() && !stopped && left > 0) {
        left = changed.awaitNanos(left);
      }
      List<WatchEvent> events = new ArrayList<>();
      while (events.size() < 256 && !pending.isEmpty()) {
        events.add(pending.remove());
      }
      return events;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for events", e);
    } finally {
      lock.unlock();
    }
  }

  private void write(List<WatchEvent> events, OutputStream out) throws IOException {
    if (events.size() == 1) {
      out.write(bytes(events.getFirst()));
      return;
    }
    ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    for (WatchEvent event : events) {
      gathered.writeBytes(bytes(event));
      if (gathered.size() >= WRITE_BYTES) {
        out.write(gathered.toByteArray());
        gathered.reset();
      }
    }
    out.write(gathered.toByteArray());
  }

  private byte[] bytes(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Added added -> shared("ADDED", added);
      case WatchEvent.Modified modified -> shared("MODIFIED", modified);
      case WatchEvent.Deleted deleted -> shared("DELETED", deleted);
      case WatchEvent.Bookmark bookmark -> bookmark(bookmark.object());
    };
  }

  private byte[] shared(String type, WatchEvent event) {
    Columns told = columns;
    columns = Columns.OMITTED;
    return encoded.get(
        event,
        rendering,
        told,
        () -> line(type, rendering.event(definition, event.object(), told, clock.instant())));
  }

  private byte[] bookmark(Obj object) {
    if (initial != Initial.WANTED && bookmarks == Bookmarks.NONE) {
      return new byte[0];
    }
    Obj marked = object;
    if (initial == Initial.WANTED) {
      initial = Initial.NONE;
      marked = object.withAt(Obj.of(INITIAL_EVENTS_END, "true"), "metadata", "annotations");
    }
    GroupVersionKind kind = definition.groupVersionKind();
    Obj typed = marked.with("kind", kind.kind()).with("apiVersion", kind.apiVersion());
    return line("BOOKMARK", rendering.bookmark(definition, typed));
  }

  /** Why a watch cannot be: a Status in an event of type ERROR. */
  byte[] error(StatusException why) {
    return line("ERROR", why.toStatus());
  }

  private byte[] line(String type, Obj object) {
    return switch (rendering.encoding()) {
      case JSON -> {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        Json.write(Obj.of("type", type, "object", object), line);
        line.write('\n');
        yield line.toByteArray();
      }
      case PROTOBUF -> KubernetesProtobuf.watchFrame(type, object);
      case YAML -> throw new IllegalStateException("YAML has no frames");
    };
  }
}
