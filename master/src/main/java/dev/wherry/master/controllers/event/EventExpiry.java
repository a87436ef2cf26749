package dev.wherry.master.controllers.event;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Deletes events an hour after they happened last, many at a time: each write is an fsync. Past
 * {@value #MAX_EVENTS} the oldest go early. Sleeps while there are none. Thread-safe.
 */
public final class EventExpiry implements Controller, Reconciler<String> {
  public static final Duration TIME_TO_LIVE = Duration.ofHours(1);
  static final int MAX_EVENTS = 5000;

  /** Events whose time is over wait this long for others. */
  private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);

  private static final String SWEEP = "sweep";

  private final ObjectAccess access;
  private final Timer timer;
  private final ControllerRunner<String> runner;
  private final Map<ObjectKey, Instant> lastTimes = new ConcurrentHashMap<>();
  private Optional<ObjectWatch> watch = Optional.empty();

  public EventExpiry(ObjectAccess access, Timer timer) {
    this.access = access;
    this.timer = timer;
    this.runner = new ControllerRunner<>("event-expiry", 1, this, timer);
  }

  @Override
  public void start() {
    watch = Optional.of(access.watch(GroupResource.EVENTS, "", ListOptions.ALL, this::observe));
    runner.start();
  }

  @Override
  public void close() {
    watch.ifPresent(ObjectWatch::close);
    runner.close();
  }

  private void observe(List<WatchEvent> events) {
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Added(Obj object) -> {
          Instant last = lastTime(object);
          lastTimes.put(ObjectKey.of(object), last);
          Duration left = Duration.between(timer.instant(), last.plus(TIME_TO_LIVE));
          runner.enqueueAfter(SWEEP, lastTimes.size() > MAX_EVENTS ? Duration.ZERO : left);
        }
        case WatchEvent.Modified(Obj object, Obj _) ->
            lastTimes.put(ObjectKey.of(object), lastTime(object));
        case WatchEvent.Deleted(Obj object) -> lastTimes.remove(ObjectKey.of(object));
        case WatchEvent.Bookmark _ -> {}
      }
    }
  }

  private Instant lastTime(Obj event) {
    return Stream.of(
            event.string("lastTimestamp"),
            event.obj("series").string("lastObservedTime"),
            event.string("eventTime"),
            Meta.of(event).tree().string("creationTimestamp"))
        .flatMap(text -> Meta.Times.parse(text).stream())
        .max(Comparator.naturalOrder())
        .orElseGet(timer::instant);
  }

  @Override
  public Outcome reconcile(String sweep) {
    List<Map.Entry<ObjectKey, Instant>> byAge = new ArrayList<>(lastTimes.entrySet());
    byAge.sort(Map.Entry.comparingByValue());
    Instant limit = timer.instant().minus(TIME_TO_LIVE);
    int surplus = byAge.size() - MAX_EVENTS;
    List<ObjectKey> doomed = new ArrayList<>();
    for (Map.Entry<ObjectKey, Instant> each : byAge) {
      if (doomed.size() < surplus || !each.getValue().isAfter(limit)) {
        doomed.add(each.getKey());
      }
    }
    Parallel.forEach(doomed, this::delete);
    if (doomed.size() == byAge.size()) {
      return Outcome.DONE;
    }
    Instant oldest = byAge.get(doomed.size()).getValue();
    Duration left = Duration.between(limit, oldest);
    return Outcome.after(left.compareTo(SWEEP_INTERVAL) > 0 ? left : SWEEP_INTERVAL);
  }

  private void delete(ObjectKey key) {
    lastTimes.remove(key);
    try {
      access.delete(GroupResource.EVENTS, key, DeleteOptions.DEFAULT);
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
