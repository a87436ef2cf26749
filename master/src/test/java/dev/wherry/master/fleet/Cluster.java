package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.AuditPolicy;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.store.InMemoryStore;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The real registry over a store in memory, with the namespaces that a cluster begins with. */
final class Cluster implements AutoCloseable {
  private record Place(GroupResource resource, ObjectKey key) {}

  private static final Obj EVERYTHING =
      Json.read(
          """
          {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],
           "rules":[{"level":"Metadata","verbs":["create","update"]}]}\
          """);

  private final Map<Place, Integer> writes = new ConcurrentHashMap<>();
  private final Audit audit =
      new Audit(AuditPolicy.parse(EVERYTHING), this::written, InstantSource.system());
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

  ObjectAccess as(NodeName node) {
    return entrance.as(Identity.node(node.text()));
  }

  private void written(byte[] line) {
    Obj ref = Json.read(line).obj("objectRef");
    GroupResource resource = new GroupResource(ref.string("apiGroup"), ref.string("resource"));
    ObjectKey key = new ObjectKey(ref.string("namespace"), ref.string("name"));
    writes.merge(new Place(resource, key), 1, Integer::sum);
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
