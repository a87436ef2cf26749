package dev.wherry.master.controllers.deployment;

import dev.wherry.api.view.DeploymentView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How large each replica set of a deployment should be now, by name. Pure; the rules are those of
 * Kubernetes' deployment controller: never more than replicas + maxSurge pods asked for, never less
 * than replicas - maxUnavailable available ones through our doing.
 */
final class Sizes {
  private Sizes() {}

  /** What a step of a rolling update makes of the sets. */
  static Map<String, Long> rolling(
      DeploymentView deployment, ObservedSet newSet, List<ObservedSet> oldSets) {
    Map<String, Long> sizes = current(newSet, oldSets);
    long grown = newSize(deployment, newSet.replicas(), present(newSet, oldSets));
    if (grown != newSet.replicas()) {
      sizes.put(newSet.name(), grown);
    }
    shrinkOld(deployment, newSet, oldSets, sizes);
    return sizes;
  }

  /** All old pods go before the first new one comes. */
  static Map<String, Long> recreating(
      DeploymentView deployment, Optional<ObservedSet> newSet, List<ObservedSet> oldSets) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    boolean oldRun = false;
    for (ObservedSet old : oldSets) {
      oldRun |= old.replicas() > 0 || old.pods().existing() > 0;
      sizes.put(old.name(), 0L);
    }
    if (newSet.isPresent()) {
      sizes.put(newSet.get().name(), oldRun ? newSet.get().replicas() : deployment.replicas());
    }
    return sizes;
  }

  /**
   * The pods that there are or may come yet: a set that was made smaller has its pods until they
   * terminate, and they count, so that no more than the surge allows are ever there.
   */
  private static long present(ObservedSet newSet, List<ObservedSet> oldSets) {
    long present = Math.max(newSet.replicas(), newSet.pods().active());
    for (ObservedSet old : oldSets) {
      present += Math.max(old.replicas(), old.pods().active());
    }
    return present;
  }

  /** The size of the new set when there are {@code total} pods of all sets, its own included. */
  static long newSize(DeploymentView deployment, long size, long total) {
    if (size >= deployment.replicas()) {
      return deployment.replicas();
    }
    long room = deployment.replicas() + deployment.maxSurge() - total;
    return room <= 0 ? size : size + Math.min(room, deployment.replicas() - size);
  }

  private static void shrinkOld(
      DeploymentView deployment,
      ObservedSet newSet,
      List<ObservedSet> oldSets,
      Map<String, Long> sizes) {
    long minAvailable = deployment.replicas() - deployment.maxUnavailable();
    long newSize = sizes.getOrDefault(newSet.name(), 0L);
    long newUnavailable = Math.max(0, newSize - newSet.pods().available());
    long surplus = total(sizes) - minAvailable - newUnavailable;
    List<ObservedSet> byAge = oldSets.stream().sorted(ObservedSet.BY_AGE).toList();
    // Pods that do not work are no loss: they go first, so that they cannot block the rollout.
    for (ObservedSet old : byAge) {
      long size = sizes.getOrDefault(old.name(), 0L);
      long broken = Math.clamp(size - old.pods().available(), 0, Math.max(0, surplus));
      sizes.put(old.name(), size - broken);
      surplus -= broken;
    }
    long available = newSet.pods().available();
    for (ObservedSet old : oldSets) {
      available += Math.min(old.pods().available(), sizes.getOrDefault(old.name(), 0L));
    }
    long spare = Math.min(surplus, available - minAvailable);
    for (ObservedSet old : byAge) {
      long size = sizes.getOrDefault(old.name(), 0L);
      long less = Math.clamp(spare, 0, size);
      sizes.put(old.name(), size - less);
      spare -= less;
    }
  }

  /**
   * What the sets become when the deployment itself was scaled: one that is alone takes it all,
   * several share it in proportion to their sizes.
   */
  static Map<String, Long> scaled(
      DeploymentView deployment, Optional<ObservedSet> newSet, List<ObservedSet> oldSets) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    newSet.ifPresent(set -> sizes.put(set.name(), set.replicas()));
    oldSets.forEach(set -> sizes.put(set.name(), set.replicas()));
    List<ObservedSet> active = new ArrayList<>();
    newSet.filter(set -> set.replicas() > 0).ifPresent(active::add);
    oldSets.stream().filter(set -> set.replicas() > 0).forEach(active::add);
    if (active.size() <= 1) {
      activeOrLatest(active, newSet, oldSets)
          .ifPresent(only -> sizes.put(only.name(), deployment.replicas()));
    } else if (newSet.filter(set -> isSaturated(deployment, set)).isPresent()) {
      oldSets.forEach(set -> sizes.put(set.name(), 0L));
    } else if (!deployment.recreates()) {
      share(deployment, active, sizes);
    }
    return sizes;
  }

  private static Optional<ObservedSet> activeOrLatest(
      List<ObservedSet> active, Optional<ObservedSet> newSet, List<ObservedSet> oldSets) {
    if (!active.isEmpty()) {
      return Optional.of(active.getFirst());
    }
    return newSet.isPresent() ? newSet : oldSets.stream().max(ObservedSet.BY_AGE);
  }

  private static boolean isSaturated(DeploymentView deployment, ObservedSet set) {
    return set.replicas() == deployment.replicas()
        && Annotations.desiredReplicas(set.set()) == deployment.replicas()
        && set.pods().available() == deployment.replicas();
  }

  private static void share(
      DeploymentView deployment, List<ObservedSet> active, Map<String, Long> sizes) {
    long all = active.stream().mapToLong(ObservedSet::replicas).sum();
    long allowed = deployment.replicas() > 0 ? deployment.replicas() + deployment.maxSurge() : 0;
    long change = allowed - all;
    Comparator<ObservedSet> byAge = change > 0 ? ObservedSet.BY_AGE.reversed() : ObservedSet.BY_AGE;
    List<ObservedSet> order =
        active.stream()
            .sorted(Comparator.comparingLong(ObservedSet::replicas).reversed().thenComparing(byAge))
            .toList();
    long given = 0;
    for (ObservedSet set : order) {
      long part = part(deployment, set, change - given);
      sizes.put(set.name(), set.replicas() + part);
      given += part;
    }
    // What rounding left over is the largest's.
    ObservedSet largest = order.getFirst();
    long left = change - given;
    sizes.merge(largest.name(), left, (size, more) -> Math.max(0, size + more));
  }

  private static long part(DeploymentView deployment, ObservedSet set, long left) {
    if (left == 0) {
      return 0;
    }
    if (deployment.replicas() == 0) {
      return -set.replicas();
    }
    long annotated = Annotations.maxReplicas(set.set());
    long before =
        annotated > 0 ? annotated : Math.max(1, deployment.status().number("replicas", 1));
    double after = (double) set.replicas() * (deployment.replicas() + deployment.maxSurge());
    long part = Math.round(after / before) - set.replicas();
    return left > 0 ? Math.clamp(part, 0, left) : Math.clamp(part, left, 0);
  }

  private static Map<String, Long> current(ObservedSet newSet, List<ObservedSet> oldSets) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    sizes.put(newSet.name(), newSet.replicas());
    oldSets.forEach(set -> sizes.put(set.name(), set.replicas()));
    return sizes;
  }

  private static long total(Map<String, Long> sizes) {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }
}
