package dev.wherry.agent.eviction;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.eviction.EvictionOrder.Candidate;
import dev.wherry.agent.pod.PodEvent.Evicted;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeBound;
import dev.wherry.agent.volume.VolumeQuotas;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has pods leave that write more than their limits of ephemeral storage, an emptyDir's size limit
 * or a claim's capacity let them. Where the file system has no quotas nothing stops a write, and
 * trees are walked, no more than a {@value #REST}th of the time. Confined to one thread.
 */
final class LimitWatch {
  private static final Logger LOG = LoggerFactory.getLogger(LimitWatch.class);
  private static final int REST = 20;

  private final Consumers consumers;
  private final PodDirectories directories;
  private final DesiredState desired;
  private long notBeforeNanos = System.nanoTime();

  LimitWatch(Consumers consumers, PodDirectories directories, DesiredState desired) {
    this.consumers = consumers;
    this.directories = directories;
    this.desired = desired;
  }

  /** Whether any pod was told to leave. */
  boolean hold(PressureWatch.Pods pods) throws IOException {
    long begin = System.nanoTime();
    if (begin - notBeforeNanos < 0) {
      return false;
    }
    List<PodView> all = pods.all();
    boolean any = false;
    List<PodView> limited = all.stream().filter(StorageLimits::isLimited).toList();
    for (Candidate each :
        limited.isEmpty() ? List.<Candidate>of() : consumers.of(Signal.NODEFS_AVAILABLE, limited)) {
      any |=
          evict(
              pods,
              each.pod(),
              StorageLimits.objection(each.pod(), each.containers(), each.shared()));
    }
    for (PodView each : all) {
      if (VolumeBound.mayBeBounded(each)) {
        any |= evict(pods, each, volumes(each));
      }
    }
    long end = System.nanoTime();
    notBeforeNanos = end + REST * (end - begin);
    return any;
  }

  private static boolean evict(PressureWatch.Pods pods, PodView pod, Optional<String> objection) {
    boolean told =
        objection.isPresent()
            && pods.evict(
                pod.uid(), new Evicted(PressureWatch.EVICTED, objection.get(), Duration.ZERO));
    if (told) {
      LOG.warn("pod {} has to leave: {}", pod.key(), objection.get());
    }
    return told;
  }

  private Optional<String> volumes(PodView pod) throws IOException {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    for (VolumeBound each : VolumeBound.of(pod, config, directories)) {
      hold(each);
      if (consumers.directory(each.directory()) > each.bytes()) {
        return Optional.of(each.objection());
      }
    }
    return Optional.empty();
  }

  /** Claims grow while pods run, and file systems begin to count. */
  private static void hold(VolumeBound bound) {
    try {
      VolumeQuotas.hold(bound.directory(), bound.bytes());
    } catch (IOException e) {
      LOG.debug("{}: {}", bound.directory(), e.getMessage()); // told when the volume was made
    }
  }
}
