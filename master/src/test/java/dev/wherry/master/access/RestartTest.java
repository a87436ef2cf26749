package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.SERVICES;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry over the store on disk, closed and opened again. */
class RestartTest {
  @TempDir private Path directory;

  private KvStore store() throws IOException {
    return DiskStore.open(directory, StoreOptions.defaults());
  }

  private static Entrance entrance(KvStore store) {
    return Entrance.open(store, ClusterNetwork.DEFAULT, Instant::now, Audit.NONE);
  }

  @Test
  void objectsAllocationsAndWatchesGoOnAfterARestart() throws Exception {
    Obj map;
    Obj changed;
    Obj web;
    try (KvStore store = store();
        Entrance entrance = entrance(store)) {
      ObjectAccess objects = entrance.as(Identity.MASTER);
      InitialObjects.ensure(objects, ClusterNetwork.DEFAULT, 6443);
      map = objects.create(CONFIG_MAPS, configMap("a"));
      changed = objects.update(CONFIG_MAPS, map.withAt("2", "data", "a"));
      web = objects.create(SERVICES, service("web"));
    }
    try (KvStore store = store();
        Entrance entrance = entrance(store)) {
      ObjectAccess objects = entrance.as(Identity.MASTER);
      InitialObjects.ensure(objects, ClusterNetwork.DEFAULT, 6443);
      assertThat(objects.get(CONFIG_MAPS, key("a"))).isEqualTo(changed);
      Obj other = objects.create(SERVICES, service("other"));
      assertThat(other.obj("spec").string("clusterIP"))
          .isNotEqualTo(web.obj("spec").string("clusterIP"));
      assertThat(Long.parseLong(Meta.of(other).resourceVersion()))
          .isGreaterThan(Long.parseLong(Meta.of(web).resourceVersion()));
      resume(objects, map, changed);
    }
  }

  private static void resume(ObjectAccess objects, Obj from, Obj changed)
      throws InterruptedException {
    BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    ListOptions after = ListOptions.ALL.withResourceVersion(Meta.of(from).resourceVersion());
    try (ObjectWatch _ = objects.watch(CONFIG_MAPS, "", after, events::addAll)) {
      assertThat(events.poll(60, TimeUnit.SECONDS))
          .isEqualTo(new WatchEvent.Modified(changed, from));
      Obj gone = objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT);
      assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo(new WatchEvent.Deleted(gone));
      assertThat(List.copyOf(events)).isEmpty();
    }
  }
}
