package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Audit;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.store.InMemoryStore;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The real registry over a store in memory, with the namespaces that a cluster begins with. */
final class Cluster implements AutoCloseable {
  private record Place(GroupResource resource, ObjectKey key) {}

  private final Map<Place, Integer> writes = new ConcurrentHashMap<>();
  private final Audit audit =
      (_, verb, resource, _, key) -> {
        if (verb.equals("create") || verb.equals("update")) {
          writes.merge(new Place(resource, key), 1, Integer::sum);
        }
      };
  private final Entrance entrance =
      Entrance.open(new InMemoryStore(), ClusterNetwork.DEFAULT, InstantSource.system(), audit);

  Cluster() {
    for (String name : new String[] {"default", "kube-system", "kube-node-lease"}) {
      access()
          .create(
              GroupResource.NAMESPACES,
              Obj.of("apiVersion", "v1", "kind", "Namespace", "metadata", Obj.of("name", name)));
    }
  }

  ObjectAccess access() {
    return entrance.as(Identity.MASTER);
  }

  /** How often this object was created or updated. */
  int writes(GroupResource resource, ObjectKey key) {
    return writes.getOrDefault(new Place(resource, key), 0);
  }

  @Override
  public void close() {
    entrance.close();
  }
}
