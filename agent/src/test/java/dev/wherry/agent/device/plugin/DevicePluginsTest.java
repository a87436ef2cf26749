package dev.wherry.agent.device.plugin;

import static dev.wherry.agent.device.plugin.TestPlugin.RESOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.device.DeviceGrant;
import dev.wherry.agent.device.DeviceSource.Amount;
import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plugins that register over real sockets. */
class DevicePluginsTest {
  private static final Map<String, String> THREE =
      new TreeMap<>(Map.of("n1", "Healthy", "n2", "Healthy", "n3", "Unhealthy"));

  @TempDir Path directory;
  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();

  private DevicePlugins open() throws IOException {
    return DevicePlugins.open(
        directory.resolve("p"),
        directory.resolve("plugins.json"),
        changes::incrementAndGet,
        nanos::get);
  }

  private static PodView pod(String uid, int init, int app) {
    return new PodView(
        Json.read(
            """
            {"metadata":{"name":"p","uid":"%s"},"spec":{
              "initContainers":[{"name":"i","resources":{"limits":{"%3$s":"%2$d"}}}],
              "containers":[{"name":"a","resources":{"limits":{"%3$s":"%4$d"}}}]}}
            """
                .formatted(uid, init, RESOURCE, app)));
  }

  private static void awaitAmount(DevicePlugins plugins, long all, long usable) throws Exception {
    Amount wanted = new Amount(all, usable);
    Await.until(wanted.toString(), () -> wanted.equals(plugins.amounts().get(RESOURCE)));
  }

  @Test
  void givesWhatThePluginSaysAndRemembersIt() throws Exception {
    PodView one = pod("one", 0, 1);
    DeviceGrant grant;
    try (DevicePlugins plugins = open();
        TestPlugin plugin = new TestPlugin(directory.resolve("p"), THREE)) {
      plugin.register();
      awaitAmount(plugins, 3, 2);
      assertThat(changes.get()).isPositive();
      grant = plugins.give(one, one.containers().getFirst());
      assertThat(grant)
          .isEqualTo(
              new DeviceGrant(
                  Map.of("NOTHING", "n2"),
                  List.of(new Mount(directory.resolve("p"), "/nothing", true, "rprivate")),
                  List.of(new Device(Path.of("/dev/null"), "/dev/n2", "rw"))));
      assertThat(plugins.give(one, one.containers().getFirst())).isEqualTo(grant);
      assertThat(plugin.asked)
          .as("it is asked once for devices and before each start")
          .containsExactly("registered0", "allocate n2", "start n2", "start n2");
      PodView greedy = pod("two", 0, 2);
      assertThatThrownBy(() -> plugins.give(greedy, greedy.containers().getFirst()))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "Allocate failed due to requested number of devices unavailable for %s."
                      .formatted(RESOURCE)
                  + " Requested: 2, Available: 1, which is unexpected");
    }
    try (DevicePlugins next = open()) {
      assertThat(next.amounts()).as("no plugin has said anything yet").isEmpty();
      assertThat(next.give(one, one.containers().getFirst()))
          .as("a container that starts again")
          .isEqualTo(grant);
      next.release(new PodUid("one"));
      assertThatThrownBy(() -> next.give(one, one.containers().getFirst()))
          .hasMessageContaining("Requested: 1, Available: 0");
    }
  }

  @Test
  void usesTheDevicesOfInitContainersAgain() throws Exception {
    try (DevicePlugins plugins = open();
        TestPlugin plugin = new TestPlugin(directory.resolve("p"), THREE)) {
      plugin.register();
      awaitAmount(plugins, 3, 2);
      PodView pod = pod("one", 1, 2);
      assertThat(plugins.give(pod, pod.initContainers().getFirst()).env())
          .containsEntry("NOTHING", "n2");
      assertThat(plugins.give(pod, pod.containers().getFirst()).env())
          .containsEntry("NOTHING", "n2,n1");
    }
  }

  @Test
  void holdsWhatIsLostForFiveMinutes() throws Exception {
    try (DevicePlugins plugins = open()) {
      try (TestPlugin plugin = new TestPlugin(directory.resolve("p"), THREE)) {
        plugin.register();
        awaitAmount(plugins, 3, 2);
        plugin.list(Map.of("n1", "Healthy", "n3", "Healthy", "n4", "Healthy", "n5", "Unhealthy"));
        awaitAmount(plugins, 4, 3);
      }
      awaitAmount(plugins, 4, 0);
      nanos.addAndGet(DevicePlugins.GRACE.toNanos());
      awaitAmount(plugins, 4, 0);
      nanos.incrementAndGet();
      awaitAmount(plugins, 0, 0);
      try (TestPlugin again = new TestPlugin(directory.resolve("p"), THREE)) {
        again.register();
        awaitAmount(plugins, 3, 2);
      }
    }
  }

  @Test
  void leavesTheSocketToAnAgentThatServesIt() throws Exception {
    try (DevicePlugins first = open();
        DevicePlugins second = open();
        TestPlugin plugin = new TestPlugin(directory.resolve("p"), THREE)) {
      plugin.register();
      awaitAmount(first, 3, 2);
      assertThat(second.amounts()).isEmpty();
    }
    DevicePlugins.purge(directory.resolve("p"));
    assertThat(Files.exists(directory.resolve("p"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          v1alpha | example.com/x   | x.sock       | requested API version "v1alpha" is not supported by kubelet
          v1beta1 | x               | x.sock       | the ResourceName "x" is invalid
          v1beta1 | kubernetes.io/x | x.sock       | the ResourceName "kubernetes.io/x" is invalid
          v1beta1 | example.com/x   | ../x.sock    | the endpoint must be the name of a socket
          v1beta1 | example.com/x   | kubelet.sock | the endpoint must be the name of a socket
          """)
  void refusesPluginsThatItCannotUse(String version, String resource, String endpoint, String words)
      throws Exception {
    try (DevicePlugins plugins = open();
        TestPlugin plugin = new TestPlugin(directory.resolve("p"), THREE)) {
      assertThatThrownBy(() -> plugin.register(version, resource, endpoint))
          .hasMessageContaining(words);
      assertThat(plugins.amounts()).isEmpty();
    }
  }
}
