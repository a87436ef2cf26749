package dev.wherry.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntimeContract;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpecs;
import dev.wherry.agent.runtime.ContainerStreams.Exec;
import dev.wherry.agent.runtime.ContainerStreams.ExecSpec;
import dev.wherry.agent.runtime.engine.EngineStreams;
import dev.wherry.api.object.PodUid;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on a real Docker Engine, and what is its own there. */
class DockerRuntimeTest extends ContainerRuntimeContract {
  private static final String IMAGE = "docker.io/wherry/test:1";
  private static final String HOLDER = "docker.io/wherry/holder:1";
  private static final List<String> APPLETS =
      List.of("sh", "cat", "sleep", "echo", "true", "false", "hostname", "seq", "readlink");

  private static DockerDaemon daemon;
  private static DockerRuntime runtime;

  @BeforeAll
  static void start() throws Exception {
    daemon = new DockerDaemon();
    Path tree = Files.createDirectories(daemon.root.resolve("image"));
    Path bin = Files.createDirectories(tree.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    bin.resolve("busybox").toFile().setExecutable(true, false);
    for (String applet : APPLETS) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    Path tar = daemon.root.resolve("image.tar");
    DockerDaemon.run(List.of("tar", "-C", tree.toString(), "-cf", tar.toString(), "."));
    daemon.importImage(tar, "wherry/test", "sh");
    daemon.importImage(tar, "wherry/holder", "sleep 100000");
    runtime =
        new DockerRuntime(daemon.socket(), "test", HOLDER, 0, 16 * 1024, 3, Duration.ofSeconds(30));
  }

  @AfterAll
  static void stop() throws Exception {
    runtime.close();
    daemon.close();
  }

  @Override
  protected ContainerRuntime runtime() {
    return runtime;
  }

  @Override
  protected String image() {
    return IMAGE;
  }

  @Override
  protected Path directory() {
    return daemon.root;
  }

  private ContainerSpec spec(String uid, String script) {
    return ContainerSpecs.of(
        IMAGE, new PodUid(uid), 0, List.of("sh", "-c", script), daemon.root.resolve(uid + ".log"));
  }

  @Test
  void saysWhoItIs() throws Exception {
    assertThat(runtime.version()).startsWith("docker://2");
    assertThat(runtime.images()).anyMatch(each -> each.names().contains("wherry/test:1"));
  }

  @Test
  void readsDockersLogsAcrossItsRotations() throws Exception {
    ContainerSpec spec = spec("logs", "for i in $(seq 3000); do echo line $i; done; sleep 0.3");
    String id = runtime.create(spec);
    runtime.start(id);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new LogFiles(runtime)
        .copy(
            new PodUid("logs"),
            new PodLogs.Query(
                "app",
                true,
                false,
                false,
                PodLogs.Source.ALL,
                OptionalLong.of(1),
                Optional.empty(),
                OptionalLong.empty()),
            out);
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("line 3000\n");
    assertThat(spec.logPath()).isSymbolicLink();
    try (var files = Files.list(spec.logPath().toRealPath().getParent())) {
      assertThat(files.filter(each -> each.toString().contains("-json.log"))).hasSize(3);
    }
    runtime.remove(id);
  }

  @Test
  void carriesStreamsOfAProcess() throws Exception {
    String id = runtime.create(spec("streams", "while :; do sleep 0.1; done"));
    runtime.start(id);
    EngineStreams streams = new EngineStreams(runtime, runtime.api(), _ -> Optional.empty());
    List<String> command = List.of("sh", "-c", "cat; echo err >&2; exit 3");
    try (Exec exec =
        streams.exec(new PodUid("streams"), new ExecSpec("app", command, true, false))) {
      exec.stdin().write("hello".getBytes(StandardCharsets.UTF_8));
      exec.stdin().close();
      assertThat(exec.stdout().readAllBytes()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
      assertThat(exec.stderr().readAllBytes()).isEqualTo("err\n".getBytes(StandardCharsets.UTF_8));
      assertThat(exec.await()).contains(3);
    }
    runtime.remove(id);
  }

  @Test
  void containersOfAPodShareWhatItsSandboxHolds() throws Exception {
    PodUid pod = new PodUid("shared");
    long holder = runtime.sandboxes().hold(pod, "web-1");
    assertThat(runtime.sandboxes().hold(pod, "web-1")).as("made once").isEqualTo(holder);
    String network = Files.readSymbolicLink(Path.of("/proc/" + holder + "/ns/net")).toString();
    ContainerSpec plain = spec("shared", "hostname; readlink /proc/self/ns/net; sleep 100");
    ContainerSpec inPod = ContainerSpecs.inNamespaces(plain);
    String id = runtime.create(inPod);
    runtime.start(id);
    long process = runtime.inspect(id).orElseThrow().pid();
    assertThat(Files.readSymbolicLink(Path.of("/proc/" + process + "/ns/net")).toString())
        .isEqualTo(network);
    assertThat(runtime.exec(id, List.of("hostname"), java.time.Duration.ofSeconds(10)).output())
        .isEqualTo("web-1\n");
    assertThat(runtime.list())
        .as("the sandbox is none of the pod's containers")
        .filteredOn(each -> each.podUid().equals(pod))
        .hasSize(1);
    runtime.remove(id);
    runtime.sandboxes().release(pod);
    runtime.sandboxes().release(pod);
    assertThat(Path.of("/proc/" + holder)).doesNotExist();
  }

  @Test
  void containersOfAPodInTheHostsNetworkShareAnIpcNamespace() throws Exception {
    PodUid pod = new PodUid("hostnet");
    List<String> ids = new ArrayList<>();
    Set<String> namespaces = new HashSet<>();
    for (int attempt = 0; attempt < 2; attempt++) {
      ContainerSpec plain =
          ContainerSpecs.of(
              IMAGE,
              pod,
              attempt,
              List.of("sleep", "100"),
              daemon.root.resolve("hostnet" + attempt + ".log"));
      String id = runtime.create(ContainerSpecs.inHostNetwork(plain));
      runtime.start(id);
      ids.add(id);
      Path held = Path.of("/proc/" + runtime.inspect(id).orElseThrow().pid() + "/ns");
      namespaces.add(Files.readSymbolicLink(held.resolve("ipc")).toString());
      assertThat(Files.isSameFile(held.resolve("net"), Path.of("/proc/self/ns/net"))).isTrue();
    }
    assertThat(namespaces).hasSize(1);
    assertThat(namespaces)
        .doesNotContain(Files.readSymbolicLink(Path.of("/proc/self/ns/ipc")).toString());
    for (String id : ids) {
      runtime.remove(id);
    }
    runtime.sandboxes().release(pod);
    assertThat(runtime.sandboxes().pods()).doesNotContain(pod);
  }

  @Test
  void containersOutliveTheDaemon() throws Exception {
    String id = runtime.create(spec("outlives", "while :; do sleep 0.1; done"));
    runtime.start(id);
    long process = runtime.inspect(id).orElseThrow().pid();
    daemon.restart();
    assertThat(runtime.inspect(id).orElseThrow().pid()).isEqualTo(process);
    assertThat(runtime.inspect(id).orElseThrow().isRunning()).isTrue();
    runtime.remove(id);
  }
}
