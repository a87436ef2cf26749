package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.device.plugin.TestPlugin;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What pods of one node get and may do, on real Podman and this kernel's control groups. */
class ResourcesOnPodmanTest {
  private static final String FOREVER = "; trap 'exit 0' TERM; while :; do sleep 0.1; done";

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode();
    node.loadPause();
    node.startAgent();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    assertThat(TestNode.CGROUPS.resolve("memory").resolve(node.root.getFileName())).doesNotExist();
  }

  private static void delete(Obj pod) throws InterruptedException {
    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }

  private static ContainerObservation seen(Obj pod, String container) throws IOException {
    return node.runtime.list().stream()
        .filter(each -> each.podUid().equals(uid(pod)) && each.name().equals(container))
        .findFirst()
        .orElseThrow();
  }

  private static Path above(Path group) {
    return Objects.requireNonNull(group.getParent());
  }

  /** The directory of the container's group in the hierarchy of this controller. */
  private static Path group(Obj pod, String controller) throws IOException {
    long pid = seen(pod, "app").pid();
    Optional<String> path =
        Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
            .filter(
                line ->
                    List.of(line.split(":", 3)[1].split(",", -1)).contains(controller)
                        || line.startsWith("0::")
                            && Files.exists(TestNode.CGROUPS.resolve("cgroup.controllers")))
            .map(line -> line.split(":", 3)[2])
            .findFirst();
    Path mount =
        Files.exists(TestNode.CGROUPS.resolve("cgroup.controllers"))
            ? TestNode.CGROUPS
            : TestNode.CGROUPS.resolve(controller);
    return mount.resolve(path.orElseThrow().substring(1));
  }

  @Test
  void boundsContainersAndTheirPod() throws Exception {
    Obj pod =
        pod(
            "bounded",
            container(
                "app",
                "echo up" + FOREVER,
                """
                ,"resources":{"requests":{"cpu":"250m","memory":"32Mi"},
                  "limits":{"cpu":"500m","memory":"64Mi"}}
                """),
            "");
    node.apply(pod);
    node.awaitReady(pod);
    Path memory = group(pod, "memory");
    assertThat(above(memory).getFileName()).hasToString("pod" + uid(pod));
    assertThat(above(above(memory)).getFileName()).hasToString("burstable");
    assertThat(memory.resolve("memory.limit_in_bytes")).content().isEqualTo("67108864\n");
    assertThat(above(memory).resolve("memory.limit_in_bytes")).content().isEqualTo("67108864\n");
    Path cpu = group(pod, "cpu");
    assertThat(cpu.resolve("cpu.shares")).content().isEqualTo("256\n");
    assertThat(cpu.resolve("cpu.cfs_quota_us")).content().isEqualTo("50000\n");
    assertThat(above(cpu).resolve("cpu.shares")).content().isEqualTo("256\n");
    assertThat(above(above(cpu)).resolve("cpu.shares")).content().isEqualTo("256\n");
    assertThat(above(group(pod, "pids")).resolve("pids.max")).content().isEqualTo("200\n");
    assertThat(Path.of("/proc/" + seen(pod, "app").pid() + "/oom_score_adj"))
        .content()
        .isEqualTo("985\n");
    delete(pod);
    assertThat(above(memory)).doesNotExist();
    assertThat(above(cpu)).doesNotExist();
  }

  private static Obj sized(Obj pod, String cpu, String memory) {
    Obj amounts = Obj.of("cpu", cpu, "memory", memory);
    Obj app =
        pod.obj("spec")
            .objs("containers")
            .getFirst()
            .with("resources", Obj.of("requests", amounts, "limits", amounts));
    long generation = pod.obj("metadata").number("generation", 1) + 1;
    return pod.withAt(generation, "metadata", "generation")
        .with("spec", pod.obj("spec").with("containers", List.of(app)));
  }

  private static String condition(Obj pod, String type) {
    return node.status(pod).objs("conditions").stream()
        .filter(each -> each.string("type").equals(type))
        .map(each -> each.string("reason") + ": " + each.string("message"))
        .findFirst()
        .orElse("");
  }

  private static void awaitSize(Obj pod, String cpu) throws InterruptedException {
    node.reports.await(
        "resize to " + cpu,
        () ->
            node.containerStatus(pod).obj("resources").obj("limits").string("cpu").equals(cpu)
                && condition(pod, "PodResizeInProgress").isEmpty());
  }

  @Test
  void resizesARunningContainerInPlace() throws Exception {
    Obj small =
        sized(pod("resized", container("app", "echo up" + FOREVER, ""), ""), "100m", "32Mi");
    node.apply(small);
    node.awaitReady(small);
    String id = seen(small, "app").id();
    Path cpu = group(small, "cpu");
    Path memory = group(small, "memory");

    Obj large = sized(small, "400m", "64Mi");
    node.apply(large);
    awaitSize(large, "400m");
    for (Path each : List.of(cpu, above(cpu))) {
      assertThat(each.resolve("cpu.cfs_quota_us")).content().isEqualTo("40000\n");
      assertThat(each.resolve("cpu.shares")).content().isEqualTo("409\n");
    }
    for (Path each : List.of(memory, above(memory))) {
      assertThat(each.resolve("memory.limit_in_bytes")).content().isEqualTo("67108864\n");
    }

    Obj smaller = sized(large, "50m", "16Mi");
    node.apply(smaller);
    awaitSize(smaller, "50m");
    for (Path each : List.of(cpu, above(cpu))) {
      assertThat(each.resolve("cpu.cfs_quota_us")).content().isEqualTo("5000\n");
    }
    assertThat(above(memory).resolve("memory.limit_in_bytes")).content().isEqualTo("16777216\n");
    assertThat(node.status(smaller).number("observedGeneration", 0))
        .isEqualTo(smaller.obj("metadata").number("generation", 1));

    Obj huge = sized(smaller, "9", "16Mi");
    node.apply(huge);
    node.reports.await("refusal", () -> !condition(huge, "PodResizePending").isEmpty());
    assertThat(condition(huge, "PodResizePending"))
        .isEqualTo(
            "Infeasible: Node didn't have enough capacity: cpu, requested: 9000, capacity: 2000");
    assertThat(node.containerStatus(huge).obj("allocatedResources").string("cpu")).isEqualTo("50m");
    assertThat(seen(huge, "app").id()).as("the same container all the while").isEqualTo(id);
    delete(huge);
  }

  private static Obj whole(Obj pod, String cpu, String memory) {
    Obj limits = Obj.of("cpu", cpu, "memory", memory);
    return pod.withAt(Obj.of("requests", limits, "limits", limits), "spec", "resources");
  }

  @Test
  void resizesAPodAsAWhole() throws Exception {
    Obj small = whole(pod("whole", container("app", "echo up" + FOREVER, ""), ""), "100m", "32Mi");
    node.apply(small);
    node.awaitReady(small);
    assertThat(node.status(small).string("qosClass")).isEqualTo("Guaranteed");
    Path cpu = above(group(small, "cpu"));
    Path memory = above(group(small, "memory"));
    assertThat(cpu.resolve("cpu.cfs_quota_us")).content().isEqualTo("10000\n");
    Obj large = whole(small, "200m", "64Mi");
    node.apply(large);
    node.reports.await(
        "resize of the pod",
        () -> node.status(large).at("resources", "limits").string("cpu").equals("200m"));
    assertThat(cpu.resolve("cpu.cfs_quota_us")).content().isEqualTo("20000\n");
    assertThat(memory.resolve("memory.limit_in_bytes")).content().isEqualTo("67108864\n");
    Obj tiny = whole(large, "200m", "4Ki");
    node.apply(tiny);
    node.reports.await(
        "refusal",
        () ->
            condition(tiny, "PodResizeInProgress")
                .startsWith(
                    "Error: attempting to set pod memory limit (4096) below current usage"));
    assertThat(memory.resolve("memory.limit_in_bytes")).content().isEqualTo("67108864\n");
    delete(tiny);
  }

  @Test
  void saysThatAContainerRanOutOfMemory() throws Exception {
    Obj pod =
        pod(
            "hungry",
            container(
                "app",
                "head -c 100000000 /dev/zero | tail -c 100000000 >/dev/null; exit 7",
                ",\"resources\":{\"limits\":{\"memory\":\"16Mi\"}}"),
            "\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.awaitPhase(pod, "Failed");
    Obj end = node.containerStatus(pod).at("state", "terminated");
    assertThat(end.string("reason")).isEqualTo("OOMKilled");
    delete(pod);
  }

  @Test
  void sharesOneProcessNamespace() throws Exception {
    Obj pod =
        pod(
            "shared",
            container("app", "exec sleep 1234" + "", "")
                + ","
                + container(
                    "other",
                    "while ! ps | grep -q 'sleep 123[4]'; do sleep 0.1; done; ps >/dev/termination-log",
                    ""),
            "\"shareProcessNamespace\":true,\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.reports.await(
        "end of other",
        () ->
            node.status(pod).objs("containerStatuses").stream()
                .anyMatch(
                    each -> each.at("state", "terminated").string("message").contains("pause")));
    delete(pod);
    assertThat(node.runtime.list()).noneMatch(each -> each.podUid().equals(uid(pod)));
  }

  @Test
  void nothingOfAContainerOutlivesItInASharedProcessNamespace() throws Exception {
    Obj pod =
        pod(
            "stragglers",
            container("app", "sleep 4321.5 & sleep 0.2", "")
                + ","
                + container("other", "sleep 4321.6 & exec sleep 1234", ""),
            "\"shareProcessNamespace\":true,\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.reports.await(
        "end of app",
        () ->
            node.status(pod).objs("containerStatuses").stream()
                .anyMatch(
                    each ->
                        each.string("name").equals("app") && each.at("state").has("terminated")));
    Await.until("the end of what it left", () -> !runs("sleep 4321.5"));
    assertThat(runs("sleep 4321.6")).as("the other container's").isTrue();
    delete(pod);
  }

  private static boolean runs(String command) {
    return ProcessHandle.allProcesses().anyMatch(each -> commandLine(each.pid()).equals(command));
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
    } catch (IOException _) {
      return ""; // it has ended
    }
  }

  @Test
  void refusesWhatTheNodeHasNoRoomFor() throws Exception {
    Obj pod =
        pod(
            "large",
            container("app", "echo up", ",\"resources\":{\"requests\":{\"cpu\":\"9\"}}"),
            "");
    node.apply(pod);
    node.awaitPhase(pod, "Failed");
    assertThat(node.status(pod).string("reason")).isEqualTo("OutOfcpu");
    assertThat(node.status(pod).string("message"))
        .startsWith("Pod was rejected: Node didn't have enough resource: cpu, requested: 9000");
    assertThat(node.runtime.list()).noneMatch(each -> each.podUid().equals(uid(pod)));
    delete(pod);
  }

  @Test
  void evictsAPodForGood() throws Exception {
    Obj pod = pod("evicted", container("app", "echo up" + FOREVER, ""), "");
    node.apply(pod);
    node.awaitReady(pod);
    PodEvent.Evicted eviction =
        new PodEvent.Evicted("Evicted", "The node was low on resource: memory. ", Duration.ZERO);
    assertThat(node.sync.evict(uid(pod), eviction)).isTrue();
    node.awaitPhase(pod, "Failed");
    assertThat(node.status(pod).string("reason")).isEqualTo("Evicted");
    assertThat(node.status(pod).objs("conditions"))
        .anySatisfy(
            each -> {
              assertThat(each.string("type")).isEqualTo("DisruptionTarget");
              assertThat(each.string("reason")).isEqualTo("TerminationByKubelet");
            });
    assertThat(node.containerStatus(pod).number("restartCount", -1)).isZero();
    assertThat(node.sync.evict(uid(pod), eviction)).isFalse();
    delete(pod);
  }

  @Test
  void givesADeviceToAnUnprivilegedContainer() throws Exception {
    String sink = node.root.resolve("sink0").toString();
    Obj pod =
        pod(
            "device",
            container(
                "app",
                "echo x > " + sink + " && test ! -e " + node.root + "/sink1",
                ",\"resources\":{\"limits\":{\"example.com/sink\":\"1\"}}"),
            "\"restartPolicy\":\"Never\",");
    node.apply(pod);
    node.awaitPhase(pod, "Succeeded");
    delete(pod);
  }

  @Test
  void givesWhatThePluginsDeviceInterfaceFileSays() throws Exception {
    Path folder = Path.of("/var/run/cdi");
    boolean fresh = !Files.exists(folder);
    Files.createDirectories(folder);
    String vendor = "test" + ProcessHandle.current().pid() + ".example.com";
    Path file = folder.resolve(vendor + ".json");
    Files.writeString(
        file,
        """
        {"cdiVersion":"0.5.0","kind":"%s/sink","devices":[{"name":"s0","containerEdits":{
          "env":["OF_THE_FILE=yes"],
          "deviceNodes":[{"path":"/dev/sink","hostPath":"/dev/null","permissions":"rw"}],
          "mounts":[{"hostPath":"%s","containerPath":"/of-the-file","options":["ro","bind"]}]}}]}
        """
            .formatted(vendor, node.root));
    try (TestPlugin plugin = new TestPlugin(node.pluginDirectory(), Map.of("n1", "Healthy"))) {
      plugin.addCdi(vendor + "/sink=s0");
      plugin.register();
      DeviceSource.Amount one = new DeviceSource.Amount(1, 1);
      node.reports.await("the plugin's devices", () -> node.plugins.amounts().containsValue(one));
      Obj pod =
          pod(
              "interfaced",
              container(
                  "app",
                  "test $OF_THE_FILE = yes && echo x > /dev/sink && test -e /of-the-file/data",
                  ",\"resources\":{\"limits\":{\"" + TestPlugin.RESOURCE + "\":\"1\"}}"),
              "\"restartPolicy\":\"Never\",");
      node.apply(pod);
      node.awaitPhase(pod, "Succeeded");
      delete(pod);
    } finally {
      Files.deleteIfExists(file);
      if (fresh) {
        Files.deleteIfExists(folder);
      }
    }
  }

  @Test
  void givesWhatADevicePluginSays() throws Exception {
    try (TestPlugin plugin =
        new TestPlugin(node.pluginDirectory(), Map.of("n1", "Healthy", "n2", "Healthy"))) {
      plugin.register();
      DeviceSource.Amount two = new DeviceSource.Amount(2, 2);
      node.reports.await("the plugin's devices", () -> node.plugins.amounts().containsValue(two));
      Obj pod =
          pod(
              "plugged",
              container(
                  "app",
                  "test $NOTHING = n2 && echo x > /dev/n2 && test ! -e /dev/n1 && ls /nothing/kubelet.sock",
                  ",\"resources\":{\"limits\":{\"" + TestPlugin.RESOURCE + "\":\"1\"}}"),
              "\"restartPolicy\":\"Never\",");
      node.apply(pod);
      node.awaitPhase(pod, "Succeeded");
      delete(pod);
    }
  }
}
