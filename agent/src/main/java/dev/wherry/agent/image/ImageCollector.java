package dev.wherry.agent.image;

import dev.wherry.agent.image.ImageGarbage.Candidate;
import dev.wherry.agent.image.ImageGarbage.Disk;
import dev.wherry.agent.image.ImageGarbage.Limits;
import dev.wherry.agent.image.ImageGarbage.Plan;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes images that nobody uses once the disk fills up, and after their time where there is one.
 * It looks every five minutes; what is used, or was loaded from an archive of the node's, stays.
 * Thread-safe.
 */
public final class ImageCollector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageCollector.class);
  private static final Duration INTERVAL = Duration.ofMinutes(5);

  /** The images that are mounted as volumes: no container of theirs shows that they are used. */
  public interface Mounted {
    /** Their ids. */
    Set<String> images() throws IOException;
  }

  /** Where images lie and when they go. */
  public record Settings(Path store, int highPercent, int lowPercent, Duration maximumAge) {}

  private record Seen(Instant detected, Instant lastUsed) {}

  private final ContainerRuntime runtime;
  private final Images images;
  private final Settings settings;
  private final InstantSource clock;
  private final Consumer<String> shortage;
  private final Mounted mounted;
  private final Map<String, Seen> known = new HashMap<>();
  private boolean looked;
  private @Nullable Thread thread;

  /**
   * @param shortage told, with words for an event, when not enough can be freed
   */
  public ImageCollector(
      ContainerRuntime runtime,
      Images images,
      Settings settings,
      InstantSource clock,
      Consumer<String> shortage,
      Mounted mounted) {
    this.mounted = mounted;
    this.runtime = runtime;
    this.images = images;
    this.settings = settings;
    this.clock = clock;
    this.shortage = shortage;
  }

  public void start() {
    thread = Thread.ofVirtual().name("image-garbage").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        collect();
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Looks once; how many images went. */
  public int collect() {
    try {
      FileStore store = Files.getFileStore(settings.store());
      return collect(new Disk(store.getTotalSpace(), store.getUsableSpace()));
    } catch (IOException e) {
      LOG.warn("images are not looked at: {}", e.toString());
      return 0;
    }
  }

  /** Removes all that nobody uses, as the node is short of disk; how many images went. */
  public synchronized int reclaim() {
    try {
      Instant now = clock.instant();
      Limits everything = new Limits(0, 0, settings.maximumAge());
      return remove(
          ImageGarbage.plan(everything, new Disk(Long.MAX_VALUE / 100, 0), look(now), now));
    } catch (IOException e) {
      LOG.warn("images are not looked at: {}", e.toString());
      return 0;
    }
  }

  synchronized int collect(Disk disk) throws IOException {
    Instant now = clock.instant();
    List<Candidate> candidates = look(now);
    Limits limits =
        new Limits(settings.highPercent(), settings.lowPercent(), settings.maximumAge());
    Plan plan = ImageGarbage.plan(limits, disk, candidates, now);
    int removed = remove(plan);
    if (plan.foundBytes() < plan.wantedBytes()) {
      shortage.accept(
          "Failed to garbage collect required amount of images. Attempted to free "
              + plan.wantedBytes()
              + " bytes, but only found "
              + plan.foundBytes()
              + " bytes eligible to free.");
    }
    return removed;
  }

  private int remove(Plan plan) throws EngineException {
    int removed = 0;
    for (String each : plan.remove()) {
      try {
        runtime.removeImage(each);
        images.removed();
        removed++;
        LOG.info("removed image {}, which nobody uses", each);
      } catch (EngineException e) {
        if (e.reason() == EngineException.Cause.UNREACHABLE) {
          throw e;
        }
        LOG.warn("image {} stays: {}", each, e.getMessage());
      }
    }
    return removed;
  }

  private List<Candidate> look(Instant now) throws IOException {
    Set<String> used = new HashSet<>(mounted.images());
    for (ContainerObservation each : runtime.list()) {
      used.add(each.imageId());
      used.add(each.image());
    }
    Set<String> pinned = images.pinned();
    List<Candidate> candidates = new ArrayList<>();
    Set<String> here = new HashSet<>();
    for (Image each : runtime.images()) {
      here.add(each.id());
      boolean inUse =
          used.contains(each.id()) || each.names().stream().anyMatch(name -> isUsed(used, name));
      Seen before =
          known.getOrDefault(each.id(), new Seen(looked ? now : Instant.EPOCH, Instant.EPOCH));
      Seen seen = inUse ? new Seen(before.detected(), now) : before;
      known.put(each.id(), seen);
      boolean kept = inUse || each.names().stream().anyMatch(pinned::contains);
      candidates.add(
          new Candidate(each.id(), each.sizeBytes(), seen.detected(), seen.lastUsed(), kept));
    }
    known.keySet().retainAll(here);
    looked = true;
    return candidates;
  }

  private static boolean isUsed(Set<String> used, String name) {
    return used.contains(name)
        || used.stream()
            .anyMatch(
                each ->
                    ImageName.parse(each)
                        .map(ImageName::toString)
                        .filter(name::equals)
                        .isPresent());
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
