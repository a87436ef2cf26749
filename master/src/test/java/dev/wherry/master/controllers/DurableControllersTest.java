package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.view.PodView;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The controllers over the store that survives: every write waits for its fsync. */
class DurableControllersTest {

  @Test
  void bindsTheTwentyPodsOfADeploymentSoonAlthoughEveryWriteIsSynced(@TempDir Path directory)
      throws Exception {
    List<Long> bound = new ArrayList<>();
    List<Long> available = new ArrayList<>();
    try (Timer timer = Timer.system();
        Cluster cluster = new Cluster(timer, DiskStore.open(directory, StoreOptions.defaults()))) {
      cluster.startControllers();
      cluster.addNode("node-1");
      for (int i = 0; i < 5; i++) {
        String name = "web-" + i;
        long begin = System.nanoTime();
        cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment(name, 20, "hello:1"));
        int wanted = 20 * (i + 1);
        cluster.await(
            "bound",
            () ->
                cluster.pods().stream().filter(pod -> !pod.nodeName().isEmpty()).count() == wanted);
        bound.add(Duration.ofNanos(System.nanoTime() - begin).toMillis());
        try (FakeKubelet _ = new FakeKubelet(cluster.objects, timer, _ -> true)) {
          cluster.await("available", () -> cluster.isRolledOut(name));
        }
        available.add(Duration.ofNanos(System.nanoTime() - begin).toMillis());
      }
      assertThat(cluster.pods()).hasSize(100).allMatch(PodView::isReady);
    }
    System.out.println("20 pods on disk, ms to all bound " + bound + ", to available " + available);
    assertThat(bound).allMatch(each -> each < 5000); // 300 ms is the goal on a quiet machine
  }
}
