package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.store.InMemoryStore;
import dev.wherry.master.store.KvStore;
import java.time.Instant;

/** An entrance over a store in memory, with the initial objects and a clock that stands still. */
final class TestCluster implements AutoCloseable {
  final KvStore store = new InMemoryStore();
  final Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final Entrance entrance;
  final ObjectAccess objects;

  TestCluster() {
    this(AdmissionOptions.STANDARD);
  }

  TestCluster(AdmissionOptions options) {
    this(options, ClusterNetwork.DEFAULT);
  }

  TestCluster(AdmissionOptions options, ClusterNetwork network) {
    entrance = Entrance.open(store, network, () -> now, Audit.NONE, options);
    objects = entrance.as(Identity.MASTER);
    InitialObjects.ensure(objects, network, 6443);
  }

  static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  static Obj configMap(String name) {
    return json(
        "{'kind':'ConfigMap','apiVersion':'v1','metadata':{'name':'%s','namespace':'default'},'data':{'a':'1'}}"
            .formatted(name));
  }

  static Obj pod(String name) {
    return json(
        """
        {'metadata':{'name':'%s','namespace':'default','labels':{'app':'web'}},
         'spec':{'containers':[{'name':'c','image':'hello:1'}]}}\
        """
            .formatted(name));
  }

  static Obj deployment(String name) {
    return json(
        """
        {'metadata':{'name':'%s','namespace':'default'},
         'spec':{'selector':{'matchLabels':{'app':'web'}},
          'template':{'metadata':{'labels':{'app':'web'}},
           'spec':{'containers':[{'name':'c','image':'hello:1'}]}}}}\
        """
            .formatted(name));
  }

  static Obj service(String name) {
    return json(
        """
        {'metadata':{'name':'%s','namespace':'default'},
         'spec':{'type':'NodePort','selector':{'app':'web'},'ports':[{'port':80}]}}\
        """
            .formatted(name));
  }

  Obj get(GroupResource resource, String name) {
    return objects.get(resource, key(name));
  }

  @Override
  public void close() throws Exception {
    entrance.close();
    store.close();
  }
}
