package dev.wherry.master.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A watch's listener that keeps the events, for tests to wait on. Thread-safe. */
public final class Recorder implements Watch.Listener {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<Event> events = new ArrayList<>();

  @Override
  public synchronized void onEvents(List<Event> more) {
    assertThat(more).isNotEmpty();
    events.addAll(more);
    notifyAll();
  }

  /** The events so far, once there are at least so many. */
  public synchronized List<Event> await(int count) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (events.size() < count) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      assertThat(left).as("%s of %s events came: %s", events.size(), count, events).isPositive();
      wait(left);
    }
    return List.copyOf(events);
  }

  /** As {@link #await}, in short: {@code +key@revision} for a put, {@code -key@revision}. */
  public List<String> awaitText(int count) throws InterruptedException {
    return await(count).stream().map(Recorder::text).toList();
  }

  public static String text(Event event) {
    return switch (event) {
      case Event.Put put -> "+" + put.key() + "@" + put.revision();
      case Event.Delete delete -> "-" + delete.key() + "@" + delete.revision();
    };
  }
}
