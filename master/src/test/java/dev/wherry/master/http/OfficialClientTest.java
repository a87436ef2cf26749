package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.Attach;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Kubernetes project's own Java client, unchanged. */
@Timeout(120)
class OfficialClientTest {
  private static TestServer server;
  private static ApiClient client;
  private static CoreV1Api core;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    client = newClient();
    core = new CoreV1Api(client);
    server.runningPod();
  }

  private static ApiClient newClient() throws IOException {
    try (var reader = Files.newBufferedReader(server.kubeconfig)) {
      ApiClient made = ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(reader)).build();
      made.setReadTimeout(0); // as it wants it for watches
      return made;
    }
  }

  @AfterAll
  static void stop() throws Exception {
    for (ApiClient each : List.of(client)) {
      each.getHttpClient().dispatcher().executorService().shutdownNow();
      each.getHttpClient().connectionPool().evictAll();
    }
    server.close();
  }

  private static V1ConfigMap map(String name, Map<String, String> data) {
    return new V1ConfigMap().metadata(new V1ObjectMeta().name(name)).data(data);
  }

  @Test
  void createsReadsReplacesListsAndDeletes() throws Exception {
    assertThat(new VersionApi(client).getCode().execute().getMajor()).isEqualTo("1");
    core.createNamespacedConfigMap("default", map("crud", Map.of("a", "1"))).execute();
    V1ConfigMap read = core.readNamespacedConfigMap("crud", "default").execute();
    assertThat(read.getData()).containsEntry("a", "1");
    V1ConfigMap stale = core.readNamespacedConfigMap("crud", "default").execute();
    core.replaceNamespacedConfigMap("crud", "default", read.data(Map.of("a", "2"))).execute();
    assertThatThrownBy(
            () ->
                core.replaceNamespacedConfigMap("crud", "default", stale.data(Map.of("a", "3")))
                    .execute())
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.getCode()).isEqualTo(409));
    assertThat(
            core.listNamespacedConfigMap("default")
                .fieldSelector("metadata.name=crud")
                .execute()
                .getItems())
        .hasSize(1);
    assertThat(core.deleteNamespacedConfigMap("crud", "default").execute().getStatus())
        .isEqualTo("Success");
  }

  @Test
  void informsOfWhatHappens() throws Exception {
    LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    SharedInformerFactory factory = new SharedInformerFactory(newClient());
    SharedIndexInformer<V1ConfigMap> informer =
        factory.sharedIndexInformerFor(
            parameters ->
                core.listNamespacedConfigMap("kube-public")
                    .resourceVersion(parameters.resourceVersion)
                    .timeoutSeconds(parameters.timeoutSeconds)
                    .watch(parameters.watch)
                    .buildCall(null),
            V1ConfigMap.class,
            V1ConfigMapList.class);
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(V1ConfigMap object) {
            seen.add("+" + object.getMetadata().getName());
          }

          @Override
          public void onUpdate(V1ConfigMap before, V1ConfigMap after) {
            seen.add("~" + after.getMetadata().getName());
          }

          @Override
          public void onDelete(V1ConfigMap object, boolean unknown) {
            seen.add("-" + object.getMetadata().getName());
          }
        });
    factory.startAllRegisteredInformers();
    try {
      core.createNamespacedConfigMap("kube-public", map("told", Map.of("a", "1"))).execute();
      await(seen, "+told");
      core.replaceNamespacedConfigMap("told", "kube-public", map("told", Map.of("a", "2")))
          .execute();
      await(seen, "~told");
      core.deleteNamespacedConfigMap("told", "kube-public").execute();
      await(seen, "-told");
    } finally {
      factory.stopAllRegisteredInformers();
    }
  }

  private static void await(LinkedBlockingQueue<String> seen, String event) throws Exception {
    String next = seen.poll(60, TimeUnit.SECONDS);
    while (next != null && !next.equals(event)) {
      next = seen.poll(60, TimeUnit.SECONDS);
    }
    assertThat(next).isEqualTo(event);
  }

  @Test
  void electsOneLeaderByALease() throws Exception {
    CountDownLatch leads = new CountDownLatch(1);
    LeaderElector elector =
        new LeaderElector(
            new LeaderElectionConfig(
                new LeaseLock("default", "leader", "first", newClient()),
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                Duration.ofMillis(200)));
    Thread runner = Thread.ofPlatform().start(() -> elector.run(leads::countDown, () -> {}));
    try {
      assertThat(leads.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(
              new CoordinationV1Api(client)
                  .readNamespacedLease("leader", "default")
                  .execute()
                  .getSpec()
                  .getHolderIdentity())
          .isEqualTo("first");
    } finally {
      elector.close();
      runner.interrupt();
      runner.join();
    }
  }

  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: applied}
      spec:
        replicas: %d
        selector: {matchLabels: {app: applied}}
        template:
          metadata: {labels: {app: applied}}
          spec:
            containers: [{name: c, image: "wherry/hello:1"}]
      """;

  private static V1Deployment apply(String manager, int replicas) throws ApiException {
    AppsV1Api apps = new AppsV1Api(client);
    return PatchUtils.patch(
        V1Deployment.class,
        () ->
            apps.patchNamespacedDeployment(
                    "applied", "default", new V1Patch(DEPLOYMENT.formatted(replicas)))
                .fieldManager(manager)
                .buildCall(null),
        V1Patch.PATCH_FORMAT_APPLY_YAML,
        client);
  }

  @Test
  void appliesOnTheServerAndPatchesInEveryWay() throws Exception {
    assertThat(apply("one", 1).getSpec().getReplicas()).isOne();
    assertThatThrownBy(() -> apply("other", 2))
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.getCode()).isEqualTo(409));
    assertThat(
            patch("[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]", "json-patch"))
        .isEqualTo(3);
    assertThat(patch("{\"spec\":{\"replicas\":4}}", "merge-patch")).isEqualTo(4);
    assertThat(
            patch(
                "{\"spec\":{\"replicas\":5,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\","
                    + "\"image\":\"wherry/hello:2\"}]}}}}",
                "strategic-merge-patch"))
        .isEqualTo(5);
    V1Deployment loaded = (V1Deployment) Yaml.load(DEPLOYMENT.formatted(1));
    assertThat(loaded.getSpec().getReplicas()).isOne();
  }

  private static int patch(String body, String kind) throws ApiException {
    AppsV1Api apps = new AppsV1Api(client);
    return PatchUtils.patch(
            V1Deployment.class,
            () ->
                apps.patchNamespacedDeployment("applied", "default", new V1Patch(body))
                    .buildCall(null),
            "application/" + kind + "+json",
            client)
        .getSpec()
        .getReplicas();
  }

  @Test
  void runsCommands() throws Exception {
    Process process =
        new Exec(client)
            .exec(
                "default",
                "p",
                new String[] {"sh", "-c", "cat; echo err >&2; exit 3"},
                true,
                false);
    process.getOutputStream().write("typed".getBytes(UTF_8));
    process.getOutputStream().flush();
    assertThat(process.getInputStream().readNBytes(5)).asString(UTF_8).isEqualTo("typed");
    process.destroy();
    Process short_ =
        new Exec(client)
            .exec("default", "p", new String[] {"sh", "-c", "echo out; exit 3"}, false, false);
    assertThat(short_.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("out\n");
    assertThat(short_.waitFor()).isEqualTo(3);
  }

  @Test
  void attaches() throws Exception {
    Attach.AttachResult attached =
        new Attach(client)
            .newConnectionBuilder("default", "p")
            .setStdin(true)
            .setStdout(true)
            .connect();
    attached.getStandardInputStream().write("heard".getBytes(UTF_8));
    attached.getStandardInputStream().flush();
    assertThat(attached.getStandardOutputStream().readNBytes(5)).asString(UTF_8).isEqualTo("heard");
    attached.close();
  }

  @Test
  void readsLogs() throws Exception {
    try (InputStream log = new PodLogs(client).streamNamespacedPodLog("default", "p", "c")) {
      assertThat(log.readAllBytes()).asString(UTF_8).isEqualTo("first\nsecond\n");
    }
    assertThat(core.readNamespacedPodLog("p", "default").tailLines(3).execute())
        .isEqualTo("first\nsecond\n");
  }

  @Test
  void forwardsPorts() throws Exception {
    try (ServerSocket listener = listen()) {
      int port = listener.getLocalPort();
      PortForward.PortForwardResult forward =
          new PortForward(client).forward("default", "p", List.of(port));
      try (Socket peer = listener.accept()) {
        forward.getOutboundStream(port).write("ping".getBytes(UTF_8));
        forward.getOutboundStream(port).flush();
        assertThat(peer.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("ping");
        peer.getOutputStream().write("pong".getBytes(UTF_8));
        assertThat(forward.getInputStream(port).readNBytes(4)).asString(UTF_8).isEqualTo("pong");
      }
    }
  }

  private static ServerSocket listen() throws IOException {
    ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    listener.setSoTimeout(60_000);
    return listener;
  }
}
