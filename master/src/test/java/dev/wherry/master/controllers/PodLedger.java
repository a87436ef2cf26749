package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.scheduling.Amounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows the pods by one watch and notes what must never be: a pod that changes its node, a node
 * that gives more than it has, a watch with a gap, a pod of a stateful set that goes without its
 * node's word, two jobs of a cron job for one time, an acknowledged write that a restart of the
 * master loses. Thread-safe.
 */
final class PodLedger implements AutoCloseable {
  private final long cpuMillis;
  private final Map<String, Obj> pods = new HashMap<>();
  private final Map<String, String> nodes = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  /** By job, then by pod: the revision at which the pod was seen to have succeeded. */
  private final Map<String, Map<String, Long>> successes = new HashMap<>();

  /** Pods that were to end already when they succeeded: their job may have given them up before. */
  private final Set<String> late = new HashSet<>();

  /** The revision at which a job was complete. */
  private final Map<String, Long> completions = new HashMap<>();

  /** By cron job and time, the job that was made for it. */
  private final Map<String, String> ticks = new HashMap<>();

  private final Set<String> givenUp = new HashSet<>();
  private final Set<String> released = new HashSet<>();
  private final List<ObjectWatch> watches = new ArrayList<>();
  private long version;
  private int bindings;

  /** {@code cpuMillis} is what each node has. */
  PodLedger(long cpuMillis) {
    this.cpuMillis = cpuMillis;
  }

  /** Begins, or goes on after a restart: what was seen before must be there, as it was. */
  void follow(ObjectAccess access) {
    ObjectList list = access.list(GroupResource.PODS, "", ListOptions.ALL);
    synchronized (this) {
      if (!holds(list.items())) {
        violations.add("a restart made " + list.items() + " of " + pods.values());
        pods.clear();
        list.items().forEach(each -> pods.put(Meta.of(each).uid(), each));
      }
    }
    watches.add(
        access.watch(
            GroupResource.PODS,
            "",
            ListOptions.ALL.withResourceVersion(list.resourceVersion()),
            this::onEvents));
    watches.add(access.watch(GroupResource.JOBS, "", ListOptions.ALL, this::onJobs));
  }

  /** Whether the pods are those that the watch has told of, each as it told. */
  synchronized boolean holds(List<Obj> stored) {
    return stored.size() == pods.size()
        && stored.stream().allMatch(each -> each.equals(pods.get(Meta.of(each).uid())));
  }

  /** The pod may go: its node has let it go, or a user would not wait for that. */
  synchronized void release(String uid) {
    released.add(uid);
  }

  /** What was on this node, or comes to it by a binding that is on its way, may go from now on. */
  synchronized void giveUp(NodeName node) {
    givenUp.add(node.text());
  }

  private synchronized void onEvents(List<WatchEvent> events) {
    for (WatchEvent event : events) {
      Obj object = event.object();
      String uid = Meta.of(object).uid();
      switch (event) {
        case WatchEvent.Added(Obj pod) -> {
          inOrder(pod);
          expect(!pods.containsKey(uid), "added twice", pod);
          pods.put(uid, pod);
          bound(uid, pod);
          counts(uid, pod);
        }
        case WatchEvent.Modified(Obj pod, Obj before) -> {
          inOrder(pod);
          Obj known = pods.put(uid, pod);
          expect(before.equals(known), "a gap before", pod);
          bound(uid, pod);
          counts(uid, pod);
        }
        case WatchEvent.Deleted(Obj pod) -> {
          inOrder(pod);
          expect(pods.remove(uid) != null, "deleted and not known", pod);
          PodView view = new PodView(pod);
          expect(
              !SimulatedSets.isStateful(view)
                  || view.nodeName().isEmpty()
                  || givenUp.contains(view.nodeName())
                  || released.contains(uid),
              "gone without its node's word",
              pod);
        }
        case WatchEvent.Bookmark _ -> {}
      }
    }
  }

  private synchronized void onJobs(List<WatchEvent> events) {
    for (WatchEvent event : events) {
      JobView job = new JobView(event.object());
      tick(job);
      if (job.has(JobView.COMPLETE)) {
        completions.putIfAbsent(job.meta().uid(), revision(job.tree()));
      }
    }
  }

  private void tick(JobView job) {
    String time =
        job.meta()
            .annotations()
            .getOrDefault("batch.kubernetes.io/cronjob-scheduled-timestamp", "");
    if (!time.isEmpty()) {
      String owner = job.meta().controller().map(OwnerReference::uid).orElse("");
      String first = ticks.putIfAbsent(owner + " " + time, job.meta().uid());
      expect(
          first == null || first.equals(job.meta().uid()), "a second job of " + time, job.tree());
    }
  }

  synchronized int ticks() {
    return ticks.size();
  }

  private static long revision(Obj object) {
    return Long.parseLong(Meta.of(object).resourceVersion());
  }

  private void inOrder(Obj object) {
    long now = revision(object);
    expect(now > version, "out of order after " + version, object);
    version = now;
  }

  private void expect(boolean holds, String what, Obj object) {
    if (!holds) {
      violations.add(what + ": " + object);
    }
  }

  private void bound(String uid, Obj tree) {
    PodView pod = new PodView(tree);
    if (pod.nodeName().isEmpty()) {
      expect(!nodes.containsKey(uid), "unbound", tree);
      return;
    }
    String before = nodes.put(uid, pod.nodeName());
    if (before == null) {
      bindings++;
      long sum =
          pods.values().stream()
              .map(PodView::new)
              .filter(each -> each.nodeName().equals(pod.nodeName()) && !each.isFinished())
              .mapToLong(each -> Amounts.requestedBy(each).cpuMillis())
              .sum();
      expect(sum <= cpuMillis, sum + "m of CPU on " + pod.nodeName(), tree);
    } else {
      expect(before.equals(pod.nodeName()), "bound twice, first to " + before, tree);
    }
  }

  /** A pod of a job that has succeeded, and that its job holds on to, counts. */
  private void counts(String uid, Obj tree) {
    PodView pod = new PodView(tree);
    boolean isHeld = pod.meta().finalizers().contains("batch.kubernetes.io/job-tracking");
    if (pod.phase().equals("Succeeded") && isHeld) {
      boolean isNew = successes.values().stream().noneMatch(each -> each.containsKey(uid));
      if (isNew && pod.isTerminating()) {
        late.add(uid);
      }
      pod.meta()
          .controller()
          .ifPresent(
              job ->
                  successes
                      .computeIfAbsent(job.uid(), _ -> new HashMap<>())
                      .putIfAbsent(uid, revision(tree)));
    }
  }

  /**
   * How many pods of the job succeeded before it was complete. One of which the controller does not
   * know yet, as its making was not answered, may succeed later still; it counts for nobody.
   */
  synchronized long successes(String jobUid) {
    long end = completions.getOrDefault(jobUid, Long.MAX_VALUE);
    return successes.getOrDefault(jobUid, Map.of()).values().stream()
        .filter(each -> each < end)
        .count();
  }

  /** How many of {@link #successes} may be counted as failures. */
  synchronized long lateSuccesses(String jobUid) {
    return successes.getOrDefault(jobUid, Map.of()).keySet().stream()
        .filter(late::contains)
        .count();
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized int bindings() {
    return bindings;
  }

  @Override
  public void close() {
    watches.forEach(ObjectWatch::close);
    watches.clear();
  }
}
