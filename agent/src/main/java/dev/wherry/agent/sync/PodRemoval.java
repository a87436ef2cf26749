package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Gives back what pods had of the node. Methods block; thread-safe.
 *
 * @param removals pods being removed at a time; fair, so that of many that go at once the first has
 *     gone long before the last
 */
record PodRemoval(
    ContainerRuntime runtime,
    PauseContainer pause,
    PodNetwork network,
    PodFiles files,
    PodCgroups cgroups,
    DeviceSource devices,
    LogStore logs,
    Semaphore removals) {

  /** Removes a container that has ended, with its log. */
  void remove(String id) throws IOException {
    Optional<ContainerObservation> seen = runtime.inspect(id);
    runtime.remove(id);
    if (seen.isPresent()) {
      logs.remove(seen.get());
    }
  }

  /** Gives back the namespaces of a pod that has finished; its containers stay for their logs. */
  void release(PodUid uid) throws IOException, InterruptedException {
    pause.end(uid);
    network.remove(uid);
    cgroups.remove(uid);
    devices.release(uid);
  }

  /** {@link PodEvent.CleanedUp} or {@link PodEvent.CleanUpFailed}. */
  PodEvent cleanUp(PodView pod) throws InterruptedException {
    removals.acquire();
    try {
      cleanUp(pod.uid());
      logs.remove(pod.key(), pod.uid());
      return new PodEvent.CleanedUp();
    } catch (IOException e) {
      return new PodEvent.CleanUpFailed(String.valueOf(e.getMessage()));
    } finally {
      removals.release();
    }
  }

  /** Removes all that there is of a pod but its logs: containers first, the sandbox last. */
  void cleanUp(PodUid uid) throws IOException, InterruptedException {
    removeContainers(new ArrayList<>(runtime.list(uid)));
    network.remove(uid);
    files.remove(uid);
    cgroups.remove(uid);
    devices.release(uid);
  }

  /** One whose namespace another shares can go only after that one. */
  private void removeContainers(List<ContainerObservation> left) throws EngineException {
    while (!left.isEmpty()) {
      int before = left.size();
      Optional<EngineException> refusal = Optional.empty();
      for (ContainerObservation each : List.copyOf(left)) {
        try {
          runtime.remove(each.id());
          left.remove(each);
        } catch (EngineException e) {
          refusal = Optional.of(e);
        }
      }
      if (refusal.isPresent() && left.size() == before) {
        throw refusal.get();
      }
    }
  }
}
