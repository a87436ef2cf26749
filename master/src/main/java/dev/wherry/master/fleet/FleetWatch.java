package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The watches that all sessions share, one a resource, and the index of who needs what. Objects are
 * not kept: a session reads one when it sends it. Thread-safe.
 */
final class FleetWatch implements NodeSession.Objects, AutoCloseable {
  /** Which servers nodes ask for names that are not the cluster's. */
  private static final Need NAME_SERVERS =
      new Need(Need.Kind.CONFIG_MAPS, new ObjectKey("kube-system", "kube-dns"));

  private final ObjectAccess access;
  private final BiConsumer<NodeName, Need> touch;
  private final Consumer<NodeName> nodeDeleted;
  private final ReentrantLock lock = new ReentrantLock();
  private final NodeNeeds needs = new NodeNeeds(Set.of(NAME_SERVERS));
  private final List<ObjectWatch> watches = new ArrayList<>();

  /**
   * @param touch gets each node (the empty name is every node) and the name to look at again
   * @param nodeDeleted told when a Node object is gone
   */
  FleetWatch(
      ObjectAccess access, BiConsumer<NodeName, Need> touch, Consumer<NodeName> nodeDeleted) {
    this.access = access;
    this.touch = touch;
    this.nodeDeleted = nodeDeleted;
  }

  /**
   * Lists each resource and watches on from there, so that the index is whole when this returns: a
   * session that began on half of it would tell its agent that pods are not wanted.
   */
  void start() {
    for (Need.Kind kind : served()) {
      String version =
          switch (kind) {
            // Read when they are sent; the index needs to know only that they change.
            case CONFIG_MAPS, SECRETS, PERSISTENT_VOLUMES -> list(kind, 1).resourceVersion();
            case NODES,
                SERVICES,
                ENDPOINT_SLICES,
                NAMESPACES,
                INGRESS_CLASSES,
                CLUSTER_TRUST_BUNDLES,
                INGRESSES,
                PEER_PODS,
                NETWORK_POLICIES,
                PERSISTENT_VOLUME_CLAIMS,
                PODS -> {
              ObjectList all = list(kind, 0);
              all.items().forEach(object -> upsert(kind, object));
              yield all.resourceVersion();
            }
          };
      watches.add(
          access.watch(
              kind.resource(),
              "",
              ListOptions.ALL.withResourceVersion(version),
              events -> take(kind, events)));
    }
  }

  /** Kinds that this master does not know are nobody's need. */
  private List<Need.Kind> served() {
    List<Need.Kind> served = new ArrayList<>();
    for (Need.Kind kind : Need.Kind.values()) {
      if (kind == Need.Kind.PEER_PODS) {
        continue; // told by the pods themselves
      }
      try {
        list(kind, 1);
        served.add(kind);
      } catch (StatusException e) {
        if (e.reason() != Reason.NOT_FOUND) {
          throw e;
        }
      }
    }
    return served;
  }

  private ObjectList list(Need.Kind kind, int limit) {
    return access.list(
        kind.resource(),
        "",
        new ListOptions(ListOptions.ALL.labelSelector(), "", limit, "", "", ""));
  }

  private void take(Need.Kind kind, List<WatchEvent> events) {
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Added(Obj object) -> upsert(kind, object);
        case WatchEvent.Modified(Obj object, Obj _) -> upsert(kind, object);
        case WatchEvent.Deleted(Obj object) -> remove(kind, ObjectKey.of(object));
        case WatchEvent.Bookmark _ -> {}
      }
    }
  }

  private void upsert(Need.Kind kind, Obj object) {
    lock.lock();
    try {
      needs.upsert(kind, object, this::touched);
    } finally {
      lock.unlock();
    }
  }

  private void remove(Need.Kind kind, ObjectKey key) {
    lock.lock();
    try {
      needs.remove(kind, key, this::touched);
    } finally {
      lock.unlock();
    }
    if (kind == Need.Kind.NODES) {
      nodeDeleted.accept(new NodeName(key.name()));
    }
  }

  private void touched(String node, Need need) {
    touch.accept(new NodeName(node), need);
  }

  @Override
  public List<Need> all(NodeName node) {
    lock.lock();
    try {
      return needs.all(node.text());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Obj> read(NodeName node, Need need) {
    lock.lock();
    try {
      if (!needs.wants(node.text(), need)) {
        return Optional.empty();
      }
    } finally {
      lock.unlock();
    }
    try {
      Obj object = access.get(need.kind().resource(), need.key());
      boolean foreign =
          need.kind() == Need.Kind.PODS
              && !object.obj("spec").string("nodeName").equals(node.text());
      return foreign ? Optional.empty() : Optional.of(object);
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    watches.forEach(ObjectWatch::close);
  }
}
