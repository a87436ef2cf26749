package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the machine has of pods that are not wanted any more: containers, namespaces, control
 * groups, logs. Methods block; thread-safe.
 */
record Orphans(
    ContainerRuntime runtime, PodNetwork network, PodCgroups cgroups, PodEffects effects) {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  /**
   * Removes them. Runs once everything desired is known.
   *
   * @param wanted asked after the machine was looked at: what a pod has that came meanwhile is not
   *     taken for an orphan's
   * @return those of which nothing is left
   */
  Set<PodUid> remove(Predicate<PodUid> wanted) {
    Set<PodUid> removed = new HashSet<>();
    try {
      Set<PodUid> here =
          runtime.list().stream()
              .map(ContainerObservation::podUid)
              .collect(Collectors.toCollection(HashSet::new));
      here.addAll(network.pods());
      here.addAll(cgroups.pods());
      here.removeIf(wanted);
      for (PodUid each : here) {
        if (remove(each)) {
          removed.add(each);
        }
      }
      effects.retainLogs(wanted);
    } catch (IOException e) {
      LOG.warn("cannot look for what deleted pods left: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return removed;
  }

  private boolean remove(PodUid orphan) throws InterruptedException {
    try {
      LOG.info("removing what pod {} left, which is not wanted any more", orphan);
      effects.cleanUp(orphan);
      return true;
    } catch (IOException e) {
      LOG.warn("pod {}: {}", orphan, e.getMessage());
      return false;
    }
  }
}
