package dev.wherry.agent.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.image.ImageCollector;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.image.RegistriesFile;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.podman.PodmanRuntime;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Images from registries with TLS that {@code registries.yaml} tells of, those that cannot be had,
 * and the removal of those that nobody uses.
 */
class ImagesOnPodmanTest {
  private static final String NEVER = "\"restartPolicy\":\"Never\",";

  /** A foreign one on whatever machine this runs. */
  private static final String FOREIGN = "s390x";

  private static Path directory;
  private static TestRegistry registry;
  private static TestRegistry stranger;
  private static TestNode node;

  @BeforeAll
  static void up() throws Exception {
    directory = Files.createTempDirectory("wherry-registry");
    Path certificate = directory.resolve("registry.pem");
    Path key = directory.resolve("key.pem");
    Command.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=registry",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString())
        .run();
    registry = TestRegistry.secure(directory.resolve("known"), certificate, key);
    stranger = TestRegistry.secure(directory.resolve("stranger"), certificate, key);
    Path file =
        Files.writeString(
            directory.resolve("registries.yaml"),
            """
            mirrors:
              hub.test:
                endpoint: ["https://127.0.0.1:%1$d"]
                rewrite: {"^(.*)$": "team/$1"}
              lax.test:
                endpoint: ["https://localhost:%1$d"]
              strange.test:
                endpoint: ["https://127.0.0.1:%2$d"]
            configs:
              127.0.0.1:%1$d:
                auth: {username: robot, password: secret}
                tls: {ca_file: %3$s}
              localhost:%1$d:
                auth: {username: robot, password: secret}
                tls: {insecure_skip_verify: true}
              127.0.0.1:%2$d:
                auth: {username: robot, password: secret}
            """
                .formatted(registry.port, stranger.port, certificate));
    node = new TestNode(RegistriesFile.read(List.of(file)));
    push(registry, "team/app:1");
    push(registry, "app:1");
    push(stranger, "app:1");
    node.startAgent();
  }

  private static void push(TestRegistry registry, String name) throws Exception {
    node.run(
        node.service.podman(
            "push",
            "-q",
            "--tls-verify=false",
            "docker.io/" + TestNode.IMAGE,
            "127.0.0.1:" + registry.port + "/" + name));
  }

  @AfterAll
  static void down() throws Exception {
    node.close();
    registry.close();
    stranger.close();
    VolumeApplier.deleteTree(directory);
  }

  private static Obj pod(String name, String image, String policy) {
    Obj pod =
        TestNode.pod(
            name,
            "{\"name\":\"c\",\"image\":\"%s\",\"imagePullPolicy\":\"%s\",\"command\":[\"true\"]}"
                .formatted(image, policy),
            NEVER);
    node.apply(pod);
    return pod;
  }

  private static void remove(Obj pod) throws InterruptedException {
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(TestNode.uid(pod)));
  }

  /** The message of a container that waits for this reason. */
  private static String waits(Obj pod, String reason) throws InterruptedException {
    List<String> messages = new ArrayList<>();
    node.reports.await(
        reason,
        () -> {
          Obj waiting = node.containerStatus(pod).obj("state").obj("waiting");
          messages.add(waiting.string("message"));
          return waiting.string("reason").equals(reason);
        });
    return messages.getLast();
  }

  @Test
  void theFileSaysWhoseCertificatesAreGoodAndWhatTheMirrorCallsThings() throws Exception {
    Obj hub = pod("hub", "hub.test/app:1", "Always");
    node.awaitPhase(hub, "Succeeded");
    Obj lax = pod("lax", "lax.test/app:1", "Always");
    node.awaitPhase(lax, "Succeeded");
    Obj strange = pod("strange", "strange.test/app:1", "Always");
    assertThat(waits(strange, "ErrImagePull")).contains("certificate signed by unknown authority");
    for (Obj each : List.of(hub, lax, strange)) {
      remove(each);
    }
  }

  @Test
  void saysWhyAnImageCannotBeHad() throws Exception {
    Path tar = node.root.resolve("image.tar");
    node.run(
        node.service.podman(
            "import", "-q", "--arch", FOREIGN, tar.toString(), "docker.io/wherry/foreign:1"));
    Obj foreign = pod("foreign", "wherry/foreign:1", "Never");
    assertThat(waits(foreign, "ImageInspectError")).contains(FOREIGN);
    Obj never = pod("never", "wherry/absent:1", "Never");
    assertThat(waits(never, "ErrImageNeverPull"))
        .isEqualTo("Container image \"wherry/absent:1\" is not present with pull policy of Never");
    Obj wrong = pod("wrong", "wherry//absent::1", "IfNotPresent");
    assertThat(waits(wrong, "InvalidImageName")).contains("invalid reference format");
    for (Obj each : List.of(foreign, never, wrong)) {
      remove(each);
    }
  }

  /** Registries that say nothing until they refuse; they know how many of them are being asked. */
  private static final class SilentRegistries implements AutoCloseable {
    private final List<ServerSocket> listeners = new ArrayList<>();
    private final Map<ServerSocket, List<Socket>> asking = new HashMap<>();
    private int most;

    String add() throws IOException {
      ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      listeners.add(listener);
      Thread.startVirtualThread(() -> listen(listener));
      return "127.0.0.1:" + listener.getLocalPort() + "/app:1";
    }

    private void listen(ServerSocket listener) {
      try {
        while (true) {
          Socket client = listener.accept();
          synchronized (this) {
            if (listener.isClosed()) {
              client.close();
              return;
            }
            asking.computeIfAbsent(listener, _ -> new ArrayList<>()).add(client);
            most = Math.max(most, asking.size());
          }
        }
      } catch (IOException _) {
        // It has refused.
      }
    }

    synchronized int asked() {
      return asking.size();
    }

    synchronized int most() {
      return most;
    }

    /** One of those being asked answers what no client of TLS understands, and asks for no more. */
    synchronized void refuse() throws IOException {
      ServerSocket listener = asking.keySet().iterator().next();
      listener.close();
      for (Socket each : Objects.requireNonNull(asking.remove(listener))) {
        each.getOutputStream().write("HTTP/1.0 404 Not Found\r\n\r\n".getBytes(UTF_8));
        each.close();
      }
    }

    @Override
    public void close() throws IOException {
      for (ServerSocket each : listeners) {
        each.close();
      }
    }
  }

  /** Whoever wants these images needs to hear nothing of them. */
  private static final class Unheard implements Images.Progress {
    @Override
    public void pulling(String image) {}

    @Override
    public void pulled(String image, Duration took, Duration withWaiting, long sizeBytes) {}

    @Override
    public void present(String image) {}

    @Override
    public void failed(String image, String message) {}

    @Override
    public void neverPulled(String message) {}

    @Override
    public void inspectFailed(String message) {}

    @Override
    public boolean isWanted() {
      return true;
    }
  }

  @Test
  void noMoreImagesAreAskedForAtATimeThanMayBe() throws Exception {
    try (PodmanRuntime patient = new PodmanRuntime(node.service, 0, Await.LONGEST);
        SilentRegistries registries = new SilentRegistries();
        ExecutorService pods = Executors.newVirtualThreadPerTaskExecutor()) {
      Images images = new Images(patient, 2);
      List<Future<Image>> pulls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String name = registries.add();
        pulls.add(pods.submit(() -> images.ensure(name, "Always", List.of(), new Unheard())));
      }
      for (int left = pulls.size(); left > 0; left--) {
        int next = Math.min(2, left);
        Await.until("as many as may be", () -> registries.asked() == next);
        registries.refuse();
      }
      for (Future<Image> each : pulls) {
        assertThatThrownBy(each::get).hasCauseInstanceOf(Images.ImageException.class);
      }
      assertThat(registries.most()).isEqualTo(2);
    }
  }

  private static ImageCollector collector(
      ImageCollector.Settings settings, InstantSource clock, List<String> shortages) {
    return new ImageCollector(
        node.runtime, new Images(node.runtime, 1), settings, clock, shortages::add, Set::of);
  }

  private static void bring(String name) throws Exception {
    Path tar = node.root.resolve("image.tar");
    node.run(
        node.service.podman(
            "import",
            "-q",
            "--change",
            "ENV NAME=" + name,
            tar.toString(),
            "docker.io/wherry/" + name));
  }

  private static boolean isHere(String name) throws Exception {
    for (Image each : node.runtime.images()) {
      if (each.names().contains("docker.io/wherry/" + name)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void imagesThatNobodyUsesGoFromAFullDiskAndAfterTheirTime() throws Exception {
    String forever = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
    Obj user = TestNode.pod("user", TestNode.container("c", forever, ""), "");
    node.apply(user);
    node.awaitReady(user);
    List<String> shortages = new ArrayList<>();
    Path store = node.directories.data();

    bring("idle:1");
    var roomy = new ImageCollector.Settings(store, 100, 100, Duration.ZERO);
    assertThat(collector(roomy, InstantSource.system(), shortages).collect()).isZero();
    assertThat(isHere("idle:1")).isTrue();
    // The real disk is beyond the one percent; what is to be free nobody can free.
    var full = new ImageCollector.Settings(store, 1, 0, Duration.ZERO);
    assertThat(collector(full, InstantSource.system(), shortages).collect()).isPositive();
    assertThat(isHere("idle:1")).isFalse();
    assertThat(isHere("test:1")).as("a pod runs with it").isTrue();
    assertThat(shortages)
        .singleElement()
        .asString()
        .startsWith("Failed to garbage collect required amount of images.");

    Instant[] now = {Instant.now()};
    var aged = new ImageCollector.Settings(store, 100, 100, Duration.ofHours(1));
    ImageCollector byAge = collector(aged, () -> now[0], shortages);
    assertThat(byAge.collect()).isZero();
    bring("old:1");
    assertThat(byAge.collect()).isZero();
    now[0] = now[0].plus(Duration.ofMinutes(61));
    assertThat(byAge.collect()).isEqualTo(1);
    assertThat(isHere("old:1")).isFalse();
    assertThat(isHere("test:1")).isTrue();
    remove(user);
  }
}
