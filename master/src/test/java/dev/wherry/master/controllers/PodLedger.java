package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.scheduling.Amounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the pods by one watch and notes what must never be: a pod that changes its node, a node
 * that gives more than it has, a watch with a gap. Thread-safe.
 */
final class PodLedger implements AutoCloseable {
  private final long cpuMillis;
  private final Map<String, Obj> pods = new HashMap<>();
  private final Map<String, String> nodes = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final ObjectWatch watch;
  private long version;
  private int bindings;

  /** {@code cpuMillis} is what each node has. */
  PodLedger(ObjectAccess access, long cpuMillis) {
    this.cpuMillis = cpuMillis;
    this.watch = access.watch(GroupResource.PODS, "", ListOptions.ALL, this::onEvents);
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
        }
        case WatchEvent.Modified(Obj pod, Obj before) -> {
          inOrder(pod);
          Obj known = pods.put(uid, pod);
          expect(before.equals(known), "a gap before", pod);
          bound(uid, pod);
        }
        case WatchEvent.Deleted(Obj pod) -> {
          inOrder(pod);
          expect(pods.remove(uid) != null, "deleted and not known", pod);
        }
        case WatchEvent.Bookmark _ -> {}
      }
    }
  }

  private void inOrder(Obj object) {
    long now = Long.parseLong(Meta.of(object).resourceVersion());
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

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized int bindings() {
    return bindings;
  }

  @Override
  public void close() {
    watch.close();
  }
}
