package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client library that is not ours. */
class Fabric8Test {
  @Test
  @Timeout(60)
  void createsListsWatchesAndDeletes(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        KubernetesClient client =
            new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(server.kubeconfig)))
                .build()) {
      ConfigMap map =
          new ConfigMapBuilder()
              .withNewMetadata()
              .withName("library")
              .withNamespace("default")
              .endMetadata()
              .addToData("a", "b")
              .build();
      var maps = client.configMaps().inNamespace("default");
      LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
      try (Watch watch =
          maps.watch(
              new Watcher<ConfigMap>() {
                @Override
                public void eventReceived(Action action, ConfigMap object) {
                  if (action != Action.BOOKMARK) {
                    seen.add(action + " " + object.getMetadata().getName());
                  }
                }

                @Override
                public void onClose(WatcherException cause) {}
              })) {
        maps.resource(map).create();
        assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("ADDED library");
        assertThat(maps.list().getItems()).hasSize(1);
        maps.withName("library").delete();
        assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("DELETED library");
        assertThat(watch).isNotNull();
      }
    }
  }
}
