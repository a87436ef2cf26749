package dev.wherry.agent.cgroup;

import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.agent.pod.QosClass;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The tree of control groups that pods live in, as kubelet's: guaranteed pods directly below {@code
 * kubepods}, the others in a group of their class, so that what is asked for is weighed against
 * what is not. Thread-safe.
 *
 * <pre>
 * ROOT/kubepods                     all pods: what the node can give them
 * ROOT/kubepods/podUID              guaranteed
 * ROOT/kubepods/burstable/podUID    weighs as much as its pods ask for
 * ROOT/kubepods/besteffort/podUID   weighs next to nothing
 * </pre>
 */
public final class PodCgroups {
  private static final String ALL = "kubepods";
  private static final String POD = "pod";

  private final GroupDriver driver;
  private final OptionalLong maxPids;
  private final Map<PodUid, Placed> placed = new HashMap<>();

  private record Placed(QosClass qos, GroupLimits limits, long cpuMillis) {}

  /**
   * @param maxPids of each pod (kubelet: pod-max-pids); empty: unbounded
   */
  public PodCgroups(GroupDriver driver, OptionalLong maxPids) {
    this.driver = driver;
    this.maxPids = maxPids;
  }

  /**
   * Makes the groups of all pods and of the classes.
   *
   * @param all what the node can give to pods together
   */
  public synchronized void open(GroupLimits all) throws IOException, InterruptedException {
    driver.apply(List.of(ALL), all);
    driver.apply(group(QosClass.BEST_EFFORT), GroupLimits.weighing(CpuShares.MIN));
    weighBurstable();
  }

  /**
   * Makes the pod's group, or gives it the bounds that the pod asks for by now.
   *
   * @return the group as an engine's parent of its containers
   */
  public synchronized String place(PodView pod) throws IOException, InterruptedException {
    QosClass qos = QosClass.of(pod);
    PodRequirements asked = PodRequirements.of(pod);
    GroupLimits limits = GroupLimits.ofPod(qos, asked, maxPids);
    List<String> group = group(qos, pod.uid());
    Placed before = placed.get(pod.uid());
    if (before == null || !before.limits.equals(limits)) {
      driver.apply(group, limits);
      placed.put(pod.uid(), new Placed(qos, limits, asked.cpuMillis()));
      if (qos == QosClass.BURSTABLE) {
        weighBurstable();
      }
    }
    return driver.engineName(group);
  }

  /**
   * Gives the pod's group what it has or what the pod asks for by now, whichever is more; {@link
   * #place} takes the rest away again.
   *
   * @return as {@link #place}
   */
  public synchronized String widen(PodView pod) throws IOException, InterruptedException {
    QosClass qos = QosClass.of(pod);
    Placed before = placed.get(pod.uid());
    List<String> group = group(qos, pod.uid());
    if (before != null) {
      PodRequirements asked = PodRequirements.of(pod);
      GroupLimits wide = before.limits.widest(GroupLimits.ofPod(qos, asked, maxPids));
      if (!before.limits.equals(wide)) {
        driver.apply(group, wide);
        placed.put(pod.uid(), new Placed(qos, wide, Math.max(before.cpuMillis, asked.cpuMillis())));
      }
    }
    return driver.engineName(group);
  }

  private void weighBurstable() throws IOException, InterruptedException {
    long cpuMillis =
        placed.values().stream()
            .filter(each -> each.qos == QosClass.BURSTABLE)
            .mapToLong(Placed::cpuMillis)
            .sum();
    driver.apply(group(QosClass.BURSTABLE), GroupLimits.weighing(CpuShares.ofMillis(cpuMillis)));
  }

  /** Removes the pod's group; its containers are gone. One that is not there is no error. */
  public synchronized void remove(PodUid pod) throws IOException, InterruptedException {
    Placed was = placed.remove(pod);
    if (was != null) {
      driver.remove(group(was.qos, pod));
      if (was.qos == QosClass.BURSTABLE) {
        weighBurstable();
      }
      return;
    }
    for (QosClass qos : QosClass.values()) {
      if (driver.children(group(qos)).contains(step(pod))) {
        driver.remove(group(qos, pod));
      }
    }
  }

  /** Pods that have a group, of this agent or of one before it. */
  public synchronized Set<PodUid> pods() throws IOException {
    Set<PodUid> pods = new HashSet<>();
    for (QosClass qos : QosClass.values()) {
      for (String each : driver.children(group(qos))) {
        if (each.startsWith(POD)) {
          pods.add(new PodUid(each.substring(POD.length()).replace('_', '-')));
        }
      }
    }
    return pods;
  }

  /** Removes the whole tree; no pod runs any more. */
  public synchronized void purge() throws IOException, InterruptedException {
    for (PodUid pod : pods()) {
      remove(pod);
    }
    driver.remove(group(QosClass.BURSTABLE));
    driver.remove(group(QosClass.BEST_EFFORT));
    driver.remove(List.of(ALL));
    driver.remove(List.of());
  }

  private static List<String> group(QosClass qos) {
    return switch (qos) {
      case GUARANTEED -> List.of(ALL);
      case BURSTABLE -> List.of(ALL, "burstable");
      case BEST_EFFORT -> List.of(ALL, "besteffort");
    };
  }

  private static List<String> group(QosClass qos, PodUid pod) {
    List<String> group = new ArrayList<>(group(qos));
    group.add(step(pod));
    return group;
  }

  private static String step(PodUid pod) {
    return POD + pod.text();
  }
}
