package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.RegistrySettings.Endpoint;
import dev.wherry.agent.runtime.RegistrySettings.Host;
import dev.wherry.agent.runtime.RegistrySettings.Mirror;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pulls from a real registry that asks for credentials, over a mirror, and from one that hangs. */
class RegistriesOnPodmanTest {
  /** Bytes a second, by which the large image takes a minute. */
  private static final int SLOW = 16_000;

  private static final String NEVER = "\"restartPolicy\":\"Never\",";

  private static Path directory;
  private static TestRegistry registry;
  private static ServerSocket silent;
  private static SlowLine slow;
  private static TestNode node;

  @BeforeAll
  static void up() throws Exception {
    directory = Files.createTempDirectory("wherry-registry");
    registry = new TestRegistry(directory);
    // Takes connections into its backlog and never says a word.
    silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    slow = new SlowLine(registry.port, SLOW);
    String bySlowLine = "127.0.0.1:" + slow.port;
    String byName = "localhost:" + registry.port;
    String byAddress = "127.0.0.1:" + registry.port;
    node =
        new TestNode(
            new RegistrySettings(
                List.of(
                    new Mirror("mirrored.test", List.of(new Endpoint(byAddress + "/team", true))),
                    new Mirror(byName, List.of(new Endpoint(byName, true))),
                    new Mirror(bySlowLine, List.of(new Endpoint(bySlowLine, true)))),
                List.of(
                    new Host(byAddress, new Credentials("robot", "secret"), "", true, "", "", ""),
                    new Host(
                        bySlowLine, new Credentials("robot", "secret"), "", true, "", "", ""))));
    for (String name : List.of(byAddress + "/team/app:1", byAddress + "/private:1")) {
      node.run(
          node.service.podman(
              "push", "-q", "--tls-verify=false", "docker.io/" + TestNode.IMAGE, name));
    }
    pushLarge(byAddress + "/large:1");
    node.startAgent();
  }

  /**
   * One and a half megabytes that nothing makes smaller, and that is not on the node afterwards.
   */
  private static void pushLarge(String name) throws Exception {
    byte[] noise = new byte[1_500_000];
    new Random(1).nextBytes(noise);
    Files.write(Files.createDirectories(directory.resolve("large")).resolve("noise"), noise);
    String tar = directory.resolve("large.tar").toString();
    node.run(List.of("tar", "-C", directory.resolve("large").toString(), "-cf", tar, "noise"));
    node.run(node.service.podman("import", "-q", tar, name));
    node.run(node.service.podman("push", "-q", "--tls-verify=false", name));
    node.run(node.service.podman("rmi", name));
  }

  @AfterAll
  static void down() throws Exception {
    node.close();
    registry.close();
    silent.close();
    slow.close();
    VolumeApplier.deleteTree(directory);
  }

  private static Obj pod(String name, String image, String spec) {
    Obj pod =
        TestNode.pod(
            name,
            "{\"name\":\"c\",\"image\":\"%s\",\"command\":[\"true\"]}".formatted(image),
            spec + NEVER);
    node.apply(pod);
    return pod;
  }

  private static void awaitWaiting(Obj pod, String reason) throws InterruptedException {
    node.reports.await(
        reason,
        () ->
            node.containerStatus(pod).obj("state").obj("waiting").string("reason").equals(reason));
  }

  private static List<String> messages(String reason, String image) {
    return node.reports.messages(reason).stream().filter(each -> each.contains(image)).toList();
  }

  private static String secret(String name, String host, String password) {
    String auth =
        Base64.getEncoder().encodeToString(("robot:" + password).getBytes(StandardCharsets.UTF_8));
    String config = "{\"auths\":{\"" + host + "\":{\"auth\":\"" + auth + "\"}}}";
    node.desired.upsert(
        Resource.SECRETS,
        Json.read(
            """
            {"kind":"Secret","metadata":{"namespace":"default","name":"%s","uid":"%s"},
             "data":{".dockerconfigjson":"%s"}}
            """
                .formatted(
                    name,
                    name,
                    Base64.getEncoder().encodeToString(config.getBytes(StandardCharsets.UTF_8)))));
    return name;
  }

  @Test
  void pullSecretsOpenARegistryAndAWrongOneIsPassedOver() throws Exception {
    String image = "localhost:" + registry.port + "/private:1";
    Obj shut = pod("shut", image, "");
    awaitWaiting(shut, "ImagePullBackOff");
    assertThat(messages("Failed", image).getFirst())
        .startsWith("Failed to pull image \"" + image + "\": ");
    assertThat(messages("BackOff", image)).contains("Back-off pulling image \"" + image + "\"");

    String host = "localhost:" + registry.port;
    secret("wrong", host + "/private", "no");
    secret("right", host, "secret");
    Obj open =
        pod(
            "open",
            image,
            "\"imagePullSecrets\":"
                + "[{\"name\":\"wrong\"},{\"name\":\"absent\"},{\"name\":\"right\"}],");
    node.awaitPhase(open, "Succeeded");
    assertThat(node.reports.messages("FailedToRetrieveImagePullSecret"))
        .containsOnly(
            "Unable to retrieve some image pull secrets (absent);"
                + " attempting to pull the image may not succeed.");
    assertThat(messages("Pulling", image)).contains("Pulling image \"" + image + "\"");
    assertThat(messages("Pulled", image).getFirst())
        .matches(
            "Successfully pulled image \".*\" in \\S+ \\(\\S+ including waiting\\)\\."
                + " Image size: \\d+ bytes\\.");
    node.delete(shut);
  }

  @Test
  void aMirrorAndItsCredentialsComeFromTheRegistriesFile() throws Exception {
    Obj pod = pod("mirrored", "mirrored.test/app:1", "");
    node.awaitPhase(pod, "Succeeded");
    assertThat(node.containerStatus(pod).string("imageID")).contains("sha256:");
  }

  @Test
  void aSlowPullIsWaitedForWhileOtherPodsStart() throws Exception {
    String image = "127.0.0.1:" + slow.port + "/large:1";
    long begin = System.nanoTime();
    Obj large = pod("large", image, "");
    node.reports.await("pulling", () -> !messages("Pulling", image).isEmpty());

    Obj other = pod("other", TestNode.IMAGE, "");
    node.awaitPhase(other, "Succeeded");
    Obj impatient = pod("impatient", image, "");
    node.reports.await("pulling for both", () -> messages("Pulling", image).size() == 2);
    node.delete(impatient);
    node.reports.await("gone", () -> node.reports.isGone(TestNode.uid(impatient)));
    assertThat(messages("Pulled", image)).as("still under way").isEmpty();

    node.reports.await(
        "longer than a pull may stand still",
        () ->
            Duration.ofNanos(System.nanoTime() - begin)
                    .compareTo(TestNode.PULL_PATIENCE.plusSeconds(1))
                > 0);
    assertThat(messages("Failed", image)).isEmpty();
    slow.carry(10_000_000);
    node.reports.await("pulled", () -> !messages("Pulled", image).isEmpty());
    assertThat(messages("Failed", image)).noneMatch(each -> each.startsWith("Failed to pull"));
    node.delete(large);
  }

  @Test
  void aPullThatStandsStillIsGivenUp() throws Exception {
    String image = "127.0.0.1:" + silent.getLocalPort() + "/slow:1";
    Obj pod = pod("slow", image, "");
    awaitWaiting(pod, "ErrImagePull");
    assertThat(messages("Failed", image).getFirst())
        .contains("the registry sends nothing for " + TestNode.PULL_PATIENCE.toSeconds() + " s");
    node.delete(pod);
  }
}
