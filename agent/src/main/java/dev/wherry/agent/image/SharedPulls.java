package dev.wherry.agent.image;

import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Pulls, a few at a time: a small machine's card and memory bear no more. Who wants an image that
 * is on its way with the same credentials waits for that pull. Thread-safe.
 */
final class SharedPulls {
  /** How often is looked whether an image that is on its way is still wanted. */
  private static final Duration LOOK = Duration.ofMillis(250);

  private record Key(String name, Credentials credentials) {}

  /**
   * What came of it.
   *
   * @param took without the wait for others' pulls
   */
  record Pulled(Image image, Duration took) {}

  private final ContainerRuntime runtime;
  private final Semaphore turns;
  private final Map<Key, CompletableFuture<Pulled>> running = new HashMap<>();

  SharedPulls(ContainerRuntime runtime, int parallel) {
    this.runtime = runtime;
    this.turns = new Semaphore(parallel, true);
  }

  /**
   * Waits for the image for as long as it is wanted; empty when it no longer is. The pull goes on.
   */
  Optional<Pulled> pull(String name, Credentials credentials, BooleanSupplier wanted)
      throws EngineException, InterruptedException {
    Key key = new Key(name, credentials);
    CompletableFuture<Pulled> pull;
    boolean first;
    synchronized (running) {
      first = !running.containsKey(key);
      pull = running.computeIfAbsent(key, _ -> new CompletableFuture<>());
    }
    if (first) {
      // On a thread of its own: the pod that asked first may be deleted meanwhile.
      Thread.ofVirtual().name("pull " + name).start(() -> run(key, pull));
    }
    try {
      while (wanted.getAsBoolean()) {
        try {
          return Optional.of(pull.get(LOOK.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException _) {
          // still on its way
        }
      }
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof EngineException engine) {
        throw new EngineException(engine.reason(), String.valueOf(engine.getMessage()), engine);
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void run(Key key, CompletableFuture<Pulled> pull) {
    try {
      turns.acquire();
      try {
        long begin = System.nanoTime();
        Image image = runtime.pull(key.name(), key.credentials());
        finish(key, pull).complete(new Pulled(image, Duration.ofNanos(System.nanoTime() - begin)));
      } finally {
        turns.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      finish(key, pull).completeExceptionally(e);
    } catch (EngineException | RuntimeException e) {
      finish(key, pull).completeExceptionally(e);
    }
  }

  private CompletableFuture<Pulled> finish(Key key, CompletableFuture<Pulled> pull) {
    synchronized (running) {
      running.remove(key);
    }
    return pull;
  }
}
