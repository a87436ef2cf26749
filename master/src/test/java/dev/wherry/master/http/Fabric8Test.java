package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** fabric8's client, unchanged. */
@Timeout(120)
class Fabric8Test {
  private static TestServer server;
  private static KubernetesClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(Files.readString(server.kubeconfig)))
            .build();
    server.runningPod();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  private static ConfigMap map(String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .addToData("a", "b")
        .build();
  }

  @Test
  void createsListsWatchesAndDeletes() throws Exception {
    var maps = client.configMaps().inNamespace("default").withLabel("of", "library");
    ConfigMap library =
        map("library").edit().editMetadata().addToLabels("of", "library").endMetadata().build();
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
      client.resource(library).create();
      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("ADDED library");
      assertThat(maps.list().getItems()).hasSize(1);
      client.resource(library).delete();
      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("DELETED library");
      assertThat(watch).isNotNull();
    }
  }

  @Test
  void informsOfWhatHappens() throws Exception {
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (SharedIndexInformer<ConfigMap> informer =
        client
            .configMaps()
            .inNamespace("default")
            .withLabel("informed")
            .inform(
                new ResourceEventHandler<ConfigMap>() {
                  @Override
                  public void onAdd(ConfigMap object) {
                    seen.add("+" + object.getMetadata().getName());
                  }

                  @Override
                  public void onUpdate(ConfigMap before, ConfigMap after) {
                    seen.add("~" + after.getMetadata().getName());
                  }

                  @Override
                  public void onDelete(ConfigMap object, boolean unknown) {
                    seen.add("-" + object.getMetadata().getName());
                  }
                })) {
      assertThat(informer.hasSynced()).isTrue();
      ConfigMap map =
          map("told").edit().editMetadata().addToLabels("informed", "").endMetadata().build();
      client.resource(map).create();
      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("+told");
      client
          .configMaps()
          .inNamespace("default")
          .withName("told")
          .edit(old -> old.edit().addToData("a", "c").build());
      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("~told");
      client.resource(map).delete();
      assertThat(seen.poll(60, TimeUnit.SECONDS)).isEqualTo("-told");
    }
  }

  @Test
  void electsOneLeaderByALease() throws Exception {
    CountDownLatch leads = new CountDownLatch(1);
    CompletableFuture<?> election =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName("election")
                    .withLock(new LeaseLock("default", "leader", "first"))
                    .withLeaseDuration(Duration.ofSeconds(30))
                    .withRenewDeadline(Duration.ofSeconds(20))
                    .withRetryPeriod(Duration.ofMillis(200))
                    .withLeaderCallbacks(new LeaderCallbacks(leads::countDown, () -> {}, _ -> {}))
                    .build())
            .build()
            .start();
    assertThat(leads.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(
            client
                .leases()
                .inNamespace("default")
                .withName("leader")
                .get()
                .getSpec()
                .getHolderIdentity())
        .isEqualTo("first");
    election.cancel(true);
  }

  private static Deployment deployment(int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("applied")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector()
        .addToMatchLabels("app", "applied")
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels("app", "applied")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("c")
        .withImage("wherry/hello:1")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  @Test
  void appliesOnTheServerAndPatchesInEveryWay() {
    assertThat(client.resource(deployment(1)).fieldManager("one").serverSideApply())
        .satisfies(made -> assertThat(made.getSpec().getReplicas()).isOne());
    assertThatThrownBy(() -> client.resource(deployment(2)).fieldManager("other").serverSideApply())
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            refused -> assertThat(refused.getCode()).isEqualTo(409));
    assertThat(
            client
                .resource(deployment(2))
                .fieldManager("other")
                .forceConflicts()
                .serverSideApply()
                .getSpec()
                .getReplicas())
        .isEqualTo(2);
    var stored = client.apps().deployments().inNamespace("default").withName("applied");
    assertThat(
            patched(
                stored,
                PatchType.JSON,
                "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]"))
        .isEqualTo(3);
    assertThat(patched(stored, PatchType.JSON_MERGE, "{\"spec\":{\"replicas\":4}}")).isEqualTo(4);
    assertThat(patched(stored, PatchType.STRATEGIC_MERGE, "{\"spec\":{\"replicas\":5}}"))
        .isEqualTo(5);
    assertThat(stored.scale(6).getSpec().getReplicas()).isEqualTo(6);
  }

  private static int patched(
      io.fabric8.kubernetes.client.dsl.RollableScalableResource<Deployment> stored,
      PatchType type,
      String patch) {
    return stored.patch(PatchContext.of(type), patch).getSpec().getReplicas();
  }

  @Test
  void runsCommands() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecWatch exec =
        client
            .pods()
            .inNamespace("default")
            .withName("p")
            .writingOutput(out)
            .exec("sh", "-c", "echo out; exit 3")) {
      assertThat(exec.exitCode().get(60, TimeUnit.SECONDS)).isEqualTo(3);
    }
    assertThat(out).hasToString("out\n");
    ByteArrayOutputStream echo = new ByteArrayOutputStream();
    try (ExecWatch exec =
        client
            .pods()
            .inNamespace("default")
            .withName("p")
            .readingInput(new ByteArrayInputStream("typed".getBytes(UTF_8)))
            .writingOutput(echo)
            .exec("head", "-c", "5")) {
      assertThat(exec.exitCode().get(60, TimeUnit.SECONDS)).isZero();
    }
    assertThat(echo).hasToString("typed");
  }

  @Test
  void readsAndFollowsLogs() throws Exception {
    var pod = client.pods().inNamespace("default").withName("p");
    assertThat(pod.getLog()).isEqualTo("first\nsecond\n");
    try (LogWatch log = pod.watchLog()) {
      assertThat(log.getOutput().readAllBytes()).asString(UTF_8).isEqualTo("first\nsecond\n");
    }
  }

  @Test
  void forwardsPorts() throws Exception {
    try (ServerSocket listener = listen();
        LocalPortForward forward =
            client
                .pods()
                .inNamespace("default")
                .withName("p")
                .portForward(listener.getLocalPort());
        Socket near = new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort());
        Socket far = listener.accept()) {
      near.getOutputStream().write("ping".getBytes(UTF_8));
      assertThat(far.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("ping");
      far.getOutputStream().write("pong".getBytes(UTF_8));
      assertThat(near.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("pong");
    }
  }

  private static ServerSocket listen() throws IOException {
    ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(60_000);
    return listener;
  }
}
