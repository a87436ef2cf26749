package dev.wherry.agent.image;

import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The engine's list of images, asked for again once one came or went by this agent, and now and
 * then for those that somebody else brought: each time Podman writes a temporary file for every
 * image, which on a disk costs more than all else of an idle node. Thread-safe.
 */
final class KnownImages {
  /** As kubelet sends a node's status that has not changed. */
  static final Duration PERIOD = Duration.ofMinutes(5);

  private final ContainerRuntime runtime;
  private final LongSupplier nanos;
  private List<Image> known = List.of();
  private boolean stale = true;
  private long askedAt;

  /**
   * @param nanos a clock that never jumps
   */
  KnownImages(ContainerRuntime runtime, LongSupplier nanos) {
    this.runtime = runtime;
    this.nanos = nanos;
  }

  /** One of them came or went. */
  synchronized void change() {
    stale = true;
  }

  /**
   * As they were last known.
   *
   * @throws EngineException when the engine has to be asked and does not answer
   */
  synchronized List<Image> list() throws EngineException {
    if (stale || nanos.getAsLong() - askedAt > PERIOD.toNanos()) {
      known = List.copyOf(runtime.images());
      askedAt = nanos.getAsLong();
      stale = false;
    }
    return known;
  }
}
