package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events, on a virtual thread that exists only while there are any. Up to {@value
 * #MAX_WAITING} notes wait; one more is dropped, since an event is never worth a stall. Recording
 * never blocks. Thread-safe.
 */
public final class EventSink {
  private static final Logger LOG = LoggerFactory.getLogger(EventSink.class);
  private static final int MAX_WAITING = 1000;
  private static final int BATCH = 64;

  /** Events of one component, such as {@code deployment-controller}. */
  public interface Recorder {
    /** For writers whose caller tells of what it did in words of its own. */
    Recorder SILENT = _ -> {};

    void record(EventNote note);
  }

  private record Waiting(String component, EventNote note) {}

  private final ObjectAccess access;
  private final InstantSource clock;
  private final EventCorrelation correlation = new EventCorrelation(); // the writing thread's
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private boolean writing;
  private long dropped;

  public EventSink(ObjectAccess access, InstantSource clock) {
    this.access = access;
    this.clock = clock;
  }

  public Recorder recorder(String component) {
    return note -> record(new Waiting(component, note));
  }

  private void record(Waiting note) {
    lock.lock();
    try {
      if (waiting.size() >= MAX_WAITING) {
        dropped++;
        return;
      }
      waiting.addLast(note);
      if (writing) {
        return;
      }
      writing = true;
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("events").start(this::write);
  }

  private void write() {
    for (List<Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
      List<EventCorrelation.Verdict> verdicts = new ArrayList<>();
      for (Waiting each : batch) {
        correlation.decide(each.component(), each.note(), clock.instant()).ifPresent(verdicts::add);
      }
      List<EventCorrelation.Key> failed = java.util.Collections.synchronizedList(new ArrayList<>());
      Parallel.forEach(merged(verdicts), verdict -> write(verdict, failed));
      failed.forEach(correlation::forget);
    }
  }

  private List<Waiting> next() {
    lock.lock();
    try {
      if (dropped > 0) {
        LOG.warn("{} events were dropped: more than {} waited", dropped, MAX_WAITING);
        dropped = 0;
      }
      List<Waiting> batch = new ArrayList<>();
      while (batch.size() < BATCH && !waiting.isEmpty()) {
        batch.add(waiting.removeFirst());
      }
      writing = !batch.isEmpty();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Of verdicts on one event only the last is written, as a creation if the first was one. */
  private static List<EventCorrelation.Verdict> merged(List<EventCorrelation.Verdict> verdicts) {
    java.util.Map<EventCorrelation.Key, EventCorrelation.Verdict> last =
        new java.util.LinkedHashMap<>();
    for (EventCorrelation.Verdict verdict : verdicts) {
      switch (verdict) {
        case EventCorrelation.Verdict.Create create -> last.put(create.key(), create);
        case EventCorrelation.Verdict.Count count ->
            last.merge(
                count.key(),
                count,
                (before, _) ->
                    before instanceof EventCorrelation.Verdict.Create
                        ? new EventCorrelation.Verdict.Create(count.key(), count.event())
                        : count);
      }
    }
    return List.copyOf(last.values());
  }

  private void write(EventCorrelation.Verdict verdict, List<EventCorrelation.Key> failed) {
    try {
      send(verdict, failed);
    } catch (RuntimeException e) {
      LOG.warn("An event could not be written: {}", e.toString());
    }
  }

  private void send(EventCorrelation.Verdict verdict, List<EventCorrelation.Key> failed) {
    switch (verdict) {
      case EventCorrelation.Verdict.Create(var key, var event) -> {
        try {
          access.create(GroupResource.EVENTS, event);
        } catch (StatusException e) {
          failed.add(key);
          LOG.debug("The event {} was refused: {}", event, e.getMessage());
        }
      }
      case EventCorrelation.Verdict.Count count -> {
        try {
          access.patch(
              GroupResource.EVENTS,
              new ObjectKey(count.namespace(), count.name()),
              ObjectAccess.ITSELF,
              new Patch(Patch.Kind.MERGE, count.mergePatch()),
              WriteOptions.DEFAULT);
        } catch (StatusException e) {
          if (e.reason() == Reason.NOT_FOUND) {
            send(new EventCorrelation.Verdict.Create(count.key(), count.event()), failed);
          } else {
            LOG.debug("The event {} was refused: {}", count.event(), e.getMessage());
          }
        }
      }
    }
  }
}
