package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodDisruptionBudgetView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Evictions of the pods of one deployment under a budget, and what must hold at each: a ready pod
 * goes only where the budget allowed one and has written it down, one fewer allowed for each; and
 * where nothing else happens exactly as many go as it allows. Thread-safe where it watches.
 */
final class SimulatedEvictions implements AutoCloseable {
  /** The app whose pods the budget is about. */
  static final String GUARDED = "a";

  private final Random random;
  private final Set<String> granted = new TreeSet<>();
  private final Set<String> booked = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private final List<ObjectWatch> watches = new ArrayList<>();
  private String version = "";

  SimulatedEvictions(Random random) {
    this.random = random;
  }

  void create(ObjectAccess objects) {
    objects.create(
        GroupResource.POD_DISRUPTION_BUDGETS,
        Cluster.json(
            """
            {'apiVersion':'policy/v1','kind':'PodDisruptionBudget',
             'metadata':{'name':'%s','namespace':'default'},
             'spec':{'maxUnavailable':1,'selector':{'matchLabels':{'app':'%s'}}}}"""
                .formatted(GUARDED, GUARDED)));
    follow(objects);
  }

  /** Begins, or goes on after a restart of the master. */
  void follow(ObjectAccess objects) {
    ListOptions from =
        version.isEmpty() ? ListOptions.ALL : ListOptions.ALL.withResourceVersion(version);
    watches.add(
        objects.watch(GroupResource.POD_DISRUPTION_BUDGETS, "default", from, this::onEvents));
  }

  private synchronized void onEvents(List<WatchEvent> events) {
    for (WatchEvent event : events) {
      if (event instanceof WatchEvent.Modified(Obj now, Obj before)) {
        book(new PodDisruptionBudgetView(now), new PodDisruptionBudgetView(before));
      }
      if (!(event instanceof WatchEvent.Bookmark)) {
        version = Meta.of(event.object()).resourceVersion();
      }
    }
  }

  private void book(PodDisruptionBudgetView now, PodDisruptionBudgetView before) {
    Set<String> fresh = new HashSet<>(now.disruptedPods().keySet());
    fresh.removeAll(before.disruptedPods().keySet());
    booked.addAll(fresh);
    if (!fresh.isEmpty()
        && before.disruptionsAllowed() - now.disruptionsAllowed() != fresh.size()) {
      violations.add(fresh + " evicted, and of " + before.tree() + " became " + now.tree());
    }
  }

  /** A user, or a drain, has some pod evicted. */
  void act(Cluster cluster) {
    List<PodView> guarded = guarded(cluster);
    if (!guarded.isEmpty()) {
      PodView pod = guarded.get(random.nextInt(guarded.size()));
      if (evict(cluster, pod) && pod.isReady() && !pod.isTerminating()) {
        synchronized (this) {
          granted.add(pod.key().name());
        }
      }
    }
  }

  private static List<PodView> guarded(Cluster cluster) {
    return cluster.pods().stream()
        .filter(pod -> GUARDED.equals(pod.meta().labels().get("app")) && !pod.isFinished())
        .toList();
  }

  /** Evicts the pod as it was seen: one that changes meanwhile is left alone. */
  private static boolean evict(Cluster cluster, PodView pod) {
    Obj eviction =
        Obj.of(
            "apiVersion",
            "policy/v1",
            "kind",
            "Eviction",
            "metadata",
            Obj.of("name", pod.key().name(), "namespace", pod.key().namespace()),
            "deleteOptions",
            Obj.of("preconditions", Obj.of("resourceVersion", pod.meta().resourceVersion())));
    try {
      cluster.objects.create(
          GroupResource.PODS, pod.key(), "eviction", eviction, WriteOptions.DEFAULT);
      return true;
    } catch (StatusException e) {
      return false; // the budget does not allow it now, or the pod is gone
    }
  }

  /** What is not yet as it should be; empty: nothing. */
  String unsettled(Cluster cluster) {
    Obj budget = cluster.objects.get(GroupResource.POD_DISRUPTION_BUDGETS, Cluster.key(GUARDED));
    Obj status = budget.obj("status");
    long healthy = guarded(cluster).stream().filter(PodView::isReady).count();
    boolean counts =
        status.number("currentHealthy", 0) == healthy
            && status.number("expectedPods", 0) == replicas(cluster)
            && status.obj("disruptedPods").isEmpty();
    return counts ? "" : healthy + " healthy, and the budget says " + budget;
  }

  private static long replicas(Cluster cluster) {
    return guarded(cluster).isEmpty()
        ? 0
        : cluster
            .objects
            .get(GroupResource.DEPLOYMENTS, Cluster.key(GUARDED))
            .obj("spec")
            .number("replicas", 1);
  }

  /**
   * In the end somebody wants all pods to go at once. Where a rollout waits for room its sets still
   * change, and the budget may be behind: nothing is asked of it then.
   */
  void evictAll(Cluster cluster) {
    if (guarded(cluster).isEmpty() || !cluster.isRolledOut(GUARDED)) {
      return;
    }
    List<PodView> ready = guarded(cluster).stream().filter(PodView::isReady).toList();
    long allowed =
        Math.clamp(ready.size() - Math.max(0, replicas(cluster) - 1), 0, (long) ready.size());
    long gone = ready.stream().filter(pod -> evict(cluster, pod)).count();
    if (gone != allowed) {
      synchronized (this) {
        violations.add(
            "%d of %d pods evicted, %d allowed: %s, %s"
                .formatted(
                    gone,
                    ready.size(),
                    allowed,
                    ready.stream().map(PodView::tree).toList(),
                    cluster.objects.get(
                        GroupResource.POD_DISRUPTION_BUDGETS, Cluster.key(GUARDED))));
      }
    }
  }

  /** What was not as it must be; empty: nothing. */
  synchronized List<String> violations() {
    List<String> all = new ArrayList<>(violations);
    for (String pod : granted) {
      if (!booked.contains(pod)) {
        all.add(pod + " was evicted and is not on the budget's books");
      }
    }
    return all;
  }

  @Override
  public void close() {
    watches.forEach(ObjectWatch::close);
    watches.clear();
  }
}
