package dev.wherry.agent.services;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What other rooms have looked after now and then, since others may take it away. Tasks are added
 * on any thread; the rest is confined to one.
 */
public final class Upkeep {
  /** How often it is their time: they cost more than a look at the rules. */
  static final Duration EVERY = Duration.ofSeconds(30);

  /** Puts back what may be missing. Cheap where nothing is. */
  public interface Task {
    void run() throws IOException, InterruptedException;
  }

  private final List<Task> tasks = new CopyOnWriteArrayList<>();
  private long dueNanos = System.nanoTime() + EVERY.toNanos();

  void add(Task task) {
    tasks.add(task);
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }

  /** Runs all; the next time counts from now, whatever fails. */
  void run() throws IOException, InterruptedException {
    dueNanos = System.nanoTime() + EVERY.toNanos();
    for (Task task : tasks) {
      task.run();
    }
  }
}
