package dev.wherry.agent.eviction;

import dev.wherry.agent.eviction.EvictionOrder.Candidate;
import dev.wherry.agent.linux.TreeSize;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.usage.PodConsumption;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeQuotas;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures what pods use of what the node may run short of. Blocks; thread-safe. */
record Consumers(ContainerRuntime runtime, PodDirectories directories) {

  /** Each of the pods with what it uses of what this signal is about. */
  List<Candidate> of(Signal signal, List<PodView> pods) throws IOException {
    List<ContainerObservation> containers = runtime.list();
    List<Candidate> candidates = new ArrayList<>();
    for (PodView pod : pods) {
      Map<String, Long> used = new HashMap<>();
      for (ContainerObservation each : containers) {
        if (each.podUid().equals(pod.uid())) {
          used.merge(each.name(), used(signal, each), Long::sum);
        }
      }
      boolean disk = signal.condition().equals("DiskPressure");
      candidates.add(new Candidate(pod, used, disk ? volumes(pod) : 0));
    }
    return candidates;
  }

  private long used(Signal signal, ContainerObservation container) throws EngineException {
    return switch (signal) {
      case MEMORY_AVAILABLE -> container.isRunning() ? PodConsumption.memory(container) : 0;
      case PID_AVAILABLE -> container.isRunning() ? PodConsumption.pids(container) : 0;
      case NODEFS_AVAILABLE, IMAGEFS_AVAILABLE, NODEFS_INODES_FREE, IMAGEFS_INODES_FREE ->
          PodConsumption.disk(runtime, container);
    };
  }

  private long volumes(PodView pod) throws IOException {
    long bytes = 0;
    for (Volume each : pod.volumes()) {
      if (each.source() instanceof Volume.Source.EmptyDir dir && dir.medium().isEmpty()) {
        bytes += directory(directories.volume(pod.uid(), each.name()));
      }
    }
    return bytes;
  }

  /** Bytes in a volume. */
  long directory(Path volume) throws IOException {
    Optional<TreeSize> counted = VolumeQuotas.used(volume);
    return (counted.isPresent() ? counted.get() : TreeSize.measure(volume)).bytes();
  }
}
