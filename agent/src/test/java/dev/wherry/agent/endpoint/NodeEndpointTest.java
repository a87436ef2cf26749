package dev.wherry.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.dns.DnsCounts;
import dev.wherry.agent.logs.LogFiles;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.metrics.NodeMetrics;
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpecs;
import dev.wherry.agent.runtime.ContainerStreams.Connection;
import dev.wherry.agent.runtime.FakeRuntime;
import dev.wherry.agent.usage.NodeTraffic;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.TreeSizes;
import dev.wherry.agent.volume.VolumeUsages;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kubelet's paths, asked over a connection as the master does; the container's process is init. */
@Timeout(300)
class NodeEndpointTest {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{([a-z_A-Z]+=\"[^\"]*\",?)*})? [-+0-9.eE]+( \\d+)?");

  @TempDir Path directory;
  private final FakeRuntime runtime = new FakeRuntime("image");
  private final DesiredState desired = new DesiredState();
  private NodeEndpoint endpoint;

  @BeforeEach
  void runs() throws Exception {
    Path root = directory.resolve("log");
    Path log = root.resolve("pods/ns_web_u1/app/0.log");
    ContainerSpec spec = ContainerSpecs.of("image", new PodUid("u1"), log);
    new LogStore(root, directory).prepare(spec);
    runtime.start(runtime.create(spec));
    Files.writeString(
        log, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:01Z stdout F two\n");
    Files.createSymbolicLink(root.resolve("escape"), Path.of("/etc/passwd"));
    NodeUsage.Consumption used = new NodeUsage.Consumption(7_000_000, 1);
    NodeUsage usage =
        new NodeUsage(
            Instant.now(),
            Duration.ofSeconds(15),
            used,
            List.of(
                new NodeUsage.Container(new ObjectKey("ns", "web"), new PodUid("u1"), "app", used)),
            NodeTraffic.NONE);
    endpoint =
        new NodeEndpoint(
            new NodeMetrics(
                runtime,
                "n1",
                "v1.36.0",
                directory,
                new VolumeUsages(
                    desired,
                    new PodDirectories(directory, directory.resolve("run")),
                    new TreeSizes()),
                () -> Optional.of(usage),
                new ProbeCounts(),
                new DnsCounts(),
                InstantSource.system()),
            new LogFiles(runtime),
            root,
            new Node());
  }

  /** A pod with a scratch directory, a claim that this cluster made, and somebody's own volume. */
  @BeforeEach
  void hasVolumes() throws Exception {
    Files.write(
        Files.createDirectories(directory.resolve("pods/u1/volumes/scratch")).resolve("a"),
        new byte[8192]);
    Path claimed = Files.createDirectories(directory.resolve("claimed"));
    Files.write(claimed.resolve("a"), new byte[4096]);
    desired.upsert(
        Resource.PODS,
        Json.read(
            """
            {"kind":"Pod","metadata":{"name":"web","namespace":"ns","uid":"u1"},
             "spec":{"containers":[],"volumes":[
               {"name":"scratch","emptyDir":{}},
               {"name":"data","persistentVolumeClaim":{"claimName":"data"}},
               {"name":"again","persistentVolumeClaim":{"claimName":"data"}},
               {"name":"host","hostPath":{"path":"/usr"}}]}}
            """));
    desired.upsert(
        Resource.PERSISTENT_VOLUME_CLAIMS,
        Json.read(
            """
            {"kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"ns"},
             "spec":{"volumeName":"pv"},"status":{"phase":"Bound"}}
            """));
    desired.upsert(
        Resource.PERSISTENT_VOLUMES,
        Json.read(
            """
            {"kind":"PersistentVolume","metadata":{"name":"pv",
              "annotations":{"pv.kubernetes.io/provisioned-by":"wherry.dev/local"}},
             "spec":{"capacity":{"storage":"1Mi"},"accessModes":["ReadWriteOnce"],
               "hostPath":{"path":"%s","type":"DirectoryOrCreate"}}}
            """
                .formatted(claimed)));
  }

  private record Node() implements NodeEndpoint.Node {
    @Override
    public Obj configuration() {
      return Obj.of("kind", "KubeletConfiguration");
    }

    @Override
    public List<Obj> pods() {
      return List.of(
          Json.read(
              """
              {"kind":"Pod","metadata":{"name":"web","namespace":"ns","uid":"u1"},
               "spec":{"containers":[{"name":"app"},{"name":"later"}]}}
              """));
    }
  }

  private String answer(String request) throws IOException {
    try (Connection connection = endpoint.open()) {
      connection
          .output()
          .write((request + "\r\nHost: n1\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      return new String(connection.input().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String get(String path) throws IOException {
    String answer = answer("GET /" + path + " HTTP/1.1");
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n");
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"metrics", "metrics/cadvisor", "metrics/resource"})
  void metricsAreWellFormed(String path) throws Exception {
    Set<String> families = new HashSet<>();
    String family = "";
    for (String line : get(path).lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        family = line.split(" ")[2];
        assertThat(families.add(family)).as("%s once", family).isTrue();
      } else if (!line.startsWith("#")) {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        assertThat(sample.group(1)).isEqualTo(family);
      }
    }
    assertThat(families).hasSizeGreaterThan(5);
  }

  @Test
  void probesAreCountedThoughThereAreNone() throws Exception {
    assertThat(get("metrics/probes")).contains("\n# TYPE prober_probe_total counter\n");
  }

  @Test
  void containersHaveCadvisorsNamesAndLabels() throws Exception {
    String labels = "id=\"[^\"]+\",image=\"web:1\",name=\"c1\",namespace=\"ns\",pod=\"web\"} \\d";
    assertThat(get("metrics/cadvisor"))
        .containsPattern(
            "container_cpu_usage_seconds_total\\{container=\"app\",cpu=\"total\"," + labels)
        .containsPattern("container_memory_working_set_bytes\\{container=\"app\"," + labels)
        .containsPattern("container_memory_rss\\{container=\"app\"," + labels)
        .containsPattern("container_start_time_seconds\\{container=\"app\"," + labels)
        .containsPattern(
            "container_cpu_usage_seconds_total\\{container=\"\",cpu=\"total\",id=\"/\"")
        .containsPattern("\nmachine_memory_bytes [1-9]");
  }

  @Test
  void resourceMetricsHaveTheTimeThatTheyAreOf() throws Exception {
    assertThat(get("metrics/resource"))
        .containsPattern(
            "pod_cpu_usage_seconds_total\\{namespace=\"ns\",pod=\"web\"} [0-9.E]+ \\d{13}\n")
        .containsPattern("\nnode_memory_working_set_bytes [1-9]\\d+ \\d{13}\n")
        .contains("resource_scrape_error 0");
  }

  @Test
  void summarizesNodeAndPods() throws Exception {
    Obj summary = Json.read(get("stats/summary"));
    assertThat(summary.at("node").string("nodeName")).isEqualTo("n1");
    assertThat(summary.at("node", "memory").number("workingSetBytes", 0)).isPositive();
    assertThat(summary.at("node", "fs").number("capacityBytes", 0)).isPositive();
    Obj pod = summary.objs("pods").getFirst();
    assertThat(pod.at("podRef").string("uid")).isEqualTo("u1");
    Obj container = pod.objs("containers").getFirst();
    assertThat(container.string("name")).isEqualTo("app");
    assertThat(container.at("cpu").number("usageNanoCores", 0)).isEqualTo(7_000_000);
  }

  @Test
  void summarizesWhatPodsAndTheNodeHaveOnDisk() throws Exception {
    Obj summary = summaryOnceMeasured();
    Obj fs = summary.at("node", "fs");
    assertThat(fs.number("usedBytes", 0)).isPositive();
    assertThat(fs.number("inodes", 0))
        .isEqualTo(fs.number("inodesFree", 0) + fs.number("inodesUsed", 0));
    assertThat(summary.at("node", "runtime", "imageFs").number("capacityBytes", 0))
        .isEqualTo(fs.number("capacityBytes", 0));
    Obj pod = summary.objs("pods").getFirst();
    assertThat(pod.objs("volume").stream().map(each -> each.string("name")))
        .as("kubelet tells nothing of paths of the host")
        .containsExactly("scratch", "data", "again");
    Obj scratch = pod.objs("volume").getFirst();
    assertThat(scratch.number("usedBytes", 0)).isEqualTo(8192);
    assertThat(scratch.number("inodesUsed", 0)).isEqualTo(1);
    assertThat(scratch.number("capacityBytes", 0)).isEqualTo(fs.number("capacityBytes", 0));
    Obj data = pod.objs("volume").get(1);
    assertThat(data.at("pvcRef")).isEqualTo(Obj.of("name", "data", "namespace", "ns"));
    assertThat(data.number("capacityBytes", 0)).as("as claimed").isEqualTo(1 << 20);
    assertThat(data.number("availableBytes", 0)).isEqualTo((1 << 20) - 4096);
    Obj logs = pod.objs("containers").getFirst().at("logs");
    assertThat(logs.number("inodesUsed", 0)).isEqualTo(1);
    assertThat(pod.at("ephemeral-storage").number("usedBytes", 0))
        .isEqualTo(8192 + logs.number("usedBytes", 0));
  }

  /**
   * Whoever asks first is not kept waiting for long: on a busy machine a tree may lack at first.
   */
  private Obj summaryOnceMeasured() throws Exception {
    AtomicReference<Obj> last = new AtomicReference<>(Obj.EMPTY);
    Await.until(
        "all of three volumes",
        () -> {
          Obj summary = Json.read(get("stats/summary"));
          last.set(summary);
          return summary.objs("pods").getFirst().objs("volume").size() == 3;
        });
    return Objects.requireNonNull(last.get());
  }

  @Test
  void tellsHowFullClaimsAreOnceEach() throws Exception {
    summaryOnceMeasured();
    String labels = "{namespace=\"ns\",persistentvolumeclaim=\"data\"}";
    assertThat(get("metrics"))
        .containsOnlyOnce("kubelet_volume_stats_used_bytes" + labels + " 4096\n")
        .contains("kubelet_volume_stats_capacity_bytes" + labels + " 1048576\n")
        .contains("kubelet_volume_stats_available_bytes" + labels + " 1044480\n")
        .contains("kubelet_volume_stats_inodes_used" + labels + " 1\n");
  }

  @Test
  void tellsHowFullTheNodesDiskIsUnderCadvisorsNames() throws Exception {
    assertThat(get("metrics/cadvisor"))
        .containsPattern(
            "container_fs_usage_bytes\\{container=\"\",device=\".+\",id=\"/\".+} [1-9]")
        .containsPattern(
            "container_fs_limit_bytes\\{container=\"\",device=\".+\",id=\"/\".+} [1-9]")
        .containsPattern("container_fs_writes_total\\{container=\"app\",id=");
  }

  @Test
  void showsLogsOfContainersAndOfTheLogDirectoryAlone() throws Exception {
    assertThat(get("containerLogs/ns/web/app?tailLines=1")).isEqualTo("two\n");
    assertThat(get("logs/")).contains("<a href=\"pods/\">");
    assertThat(get("logs/pods/ns_web_u1/app/0.log")).contains("stdout F one");
    for (String escape :
        List.of("logs/escape", "logs/../secret", "logs/%2e%2e/%2e%2e/etc/passwd")) {
      assertThat(answer("GET /" + escape + " HTTP/1.1")).as(escape).startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void answersWhatElseToolsAskFor() throws Exception {
    assertThat(get("healthz")).isEqualTo("ok");
    assertThat(Json.read(get("pods")).objs("items")).hasSize(1);
    assertThat(Json.read(get("configz")).at("kubeletconfig").string("kind"))
        .isEqualTo("KubeletConfiguration");
    assertThat(answer("GET /nothing HTTP/1.1")).startsWith("HTTP/1.1 404 ");
    assertThat(answer("POST /metrics HTTP/1.1")).startsWith("HTTP/1.1 405 ");
    assertThat(answer("GET /containerLogs/ns/none/app HTTP/1.1"))
        .startsWith("HTTP/1.1 404 ")
        .endsWith("pod \"none\" does not exist\n");
    assertThat(answer("GET /containerLogs/ns/web/nope HTTP/1.1"))
        .startsWith("HTTP/1.1 404 ")
        .endsWith("container \"nope\" not found in pod \"web\"\n");
    assertThat(answer("GET /containerLogs/ns/web/later HTTP/1.1"))
        .as("one that has not begun")
        .startsWith("HTTP/1.1 400 ")
        .endsWith("container \"later\" has never been started\n");
    assertThat(answer("GET /containerLogs/ns/web/app?tailLines=x HTTP/1.1"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aClientThatGoesAwayEndsAFollowedLog() throws Exception {
    Connection connection = endpoint.open();
    connection
        .output()
        .write(
            "GET /containerLogs/ns/web/app?follow=true HTTP/1.1\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(connection.input().readNBytes(20)).hasSize(20);
    try (Connection _ = endpoint.open()) {
      Await.until("both are served", () -> endpoint.served() == 2);
      connection.close();
      Await.until("the other one alone waits for its request", () -> endpoint.served() == 1);
    }
  }
}
