package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What security contexts make of a container's process, on real Podman. */
class SecurityOnPodmanTest {
  private static final String SECCOMP =
      """
      {"defaultAction":"SCMP_ACT_ALLOW",
       "syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}
      """;

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
    Path profiles = Files.createDirectories(node.root.resolve("seccomp"));
    Files.writeString(profiles.resolve("no-mkdir.json"), SECCOMP);
    node.startAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  /** Runs the script to its end under this context; what it said. */
  private static String says(String context, String script) throws Exception {
    return says(context, "", script);
  }

  /**
   * @param spec further members of the pod's
   */
  private static String says(String context, String spec, String script) throws Exception {
    Obj pod =
        pod(
            "secured-" + UUID.randomUUID(),
            container(
                "app",
                "(" + script + ") > /dev/termination-log 2>&1; true",
                ",\"securityContext\":{" + context + "}"),
            "\"restartPolicy\":\"Never\"," + spec);
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    String said = node.containerStatus(pod).at("state", "terminated").string("message").strip();
    node.delete(pod);
    return said;
  }

  private static String ofProcess(String context, String field) throws Exception {
    return says(context, "grep ^" + field + ": /proc/self/status | cut -f 2");
  }

  /** The pod is in the host's network, as all of this test. */
  @Test
  void containersOfAPodShareAnIpcNamespaceThatGoesWithIt() throws Exception {
    String forever = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
    Obj pod = pod("ipc", container("one", forever, "") + "," + container("two", forever, ""), "");
    node.apply(pod);
    node.awaitReady(pod);
    Set<String> namespaces = new HashSet<>();
    for (ContainerObservation each : node.runtime.list(uid(pod))) {
      Path namespace = Path.of("/proc", Long.toString(each.pid()), "ns/ipc");
      namespaces.add(Files.readSymbolicLink(namespace).toString());
    }
    assertThat(namespaces)
        .hasSize(1)
        .doesNotContain(Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString());
    assertThat(Mounts.isNamespace(node.directories.ipc(uid(pod)))).isTrue();
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
    assertThat(node.directories.ipc(uid(pod))).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"capabilities\":{\"drop\":[\"ALL\"]}                                | CapEff     | 0000000000000000",
        "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"NET_BIND_SERVICE\"]} | CapEff     | 0000000000000400",
        "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"NET_BIND_SERVICE\"]} | CapBnd     | 0000000000000400",
        "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"KILL\"]},\"runAsUser\":1000 | CapEff | 0000000000000020",
        "\"allowPrivilegeEscalation\":false                                   | NoNewPrivs | 1",
        "\"allowPrivilegeEscalation\":true                                    | NoNewPrivs | 0",
        "\"seccompProfile\":{\"type\":\"RuntimeDefault\"}                     | Seccomp    | 2",
        "\"seccompProfile\":{\"type\":\"Unconfined\"}                         | Seccomp    | 0",
        "\"privileged\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"} | Seccomp    | 0"
      })
  void showsInTheProcessItself(String context, String field, String value) throws Exception {
    assertThat(ofProcess(context, field)).isEqualTo(value);
  }

  @Test
  void aPrivilegedContainerMayWhatTheEngineMay() throws Exception {
    long own = Long.parseUnsignedLong(bounding(), 16);
    assertThat(Long.parseUnsignedLong(ofProcess("\"privileged\":true", "CapEff"), 16))
        .isEqualTo(own);
    assertThat(Long.parseUnsignedLong(ofProcess("", "CapEff"), 16) & 1L << 21)
        .as("CAP_SYS_ADMIN of any other")
        .isZero();
  }

  private static String bounding() throws Exception {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("CapBnd:"))
        .map(line -> line.substring(7).strip())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aReadOnlyRootIsReadOnlyAndItsMountsAreNot() throws Exception {
    String script = "touch /file; touch /tmp/file; echo said; touch /dev/shm/file && echo shared";
    assertThat(says("\"readOnlyRootFilesystem\":true", script))
        .contains("/file: Read-only file system")
        .contains("/tmp/file: Read-only file system")
        .endsWith("said\nshared");
    assertThat(says("", script)).isEqualTo("said\nshared");
  }

  @Test
  void aLocalSeccompProfileHolds() throws Exception {
    String profile =
        "\"seccompProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"no-mkdir.json\"}";
    assertThat(says(profile, "mkdir /tmp/a; touch /tmp/b && echo made"))
        .contains("Operation not permitted")
        .endsWith("made");
  }

  @Test
  void procIsMaskedUnlessThePodWantsIt() throws Exception {
    String script = "grep -c ' /proc/' /proc/mounts";
    assertThat(Integer.parseInt(says("", script))).isPositive();
    assertThat(says("\"procMount\":\"Unmasked\"", script)).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource({"hostPID, pid", "hostIPC, ipc"})
  void sharesAHostsNamespaceWhereItIsAskedTo(String field, String namespace) throws Exception {
    String own = Files.readSymbolicLink(Path.of("/proc/self/ns", namespace)).toString();
    String script = "readlink /proc/self/ns/" + namespace;
    assertThat(says("", "\"" + field + "\":true,", script)).isEqualTo(own);
    assertThat(says("", script)).isNotEqualTo(own).startsWith(namespace + ":[");
  }

  @Test
  void containersOfAPodShareTheirMemory() throws Exception {
    Obj pod =
        pod(
            "shared",
            container("reads", "until cat /dev/shm/word; do sleep 0.1; done", "")
                + ","
                + container("writes", "echo spoken > /dev/shm/word", ""),
            "\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    node.delete(pod);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"runAsNonRoot\":true                 | container has runAsNonRoot and image will run as root",
        "\"runAsNonRoot\":true,\"runAsUser\":0 | container's runAsUser breaks non-root policy",
        "\"seccompProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"../x.json\"}"
            + "                                | seccomp profile \"../x.json\" does not lie below",
      })
  void refusesWhatMayNotBe(String context, String words) throws Exception {
    Obj pod =
        pod(
            "refused-" + UUID.randomUUID(),
            container("app", "true", ",\"securityContext\":{" + context + "}"),
            "");
    node.apply(pod);
    node.reports.await(
        "the wait",
        () ->
            node.containerStatus(pod)
                .at("state", "waiting")
                .string("reason")
                .equals("CreateContainerConfigError"));
    assertThat(node.containerStatus(pod).at("state", "waiting").string("message"))
        .startsWith(words);
    node.delete(pod);
  }
}
