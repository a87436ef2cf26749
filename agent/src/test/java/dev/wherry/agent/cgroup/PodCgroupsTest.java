package dev.wherry.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tree of pods' groups, and its form in the files of version 2. */
class PodCgroupsTest {
  /** Keeps what was asked of it. */
  private static final class Recorded implements GroupDriver {
    final Map<String, GroupLimits> groups = new ConcurrentHashMap<>();

    GroupLimits limits(String group) {
      return Objects.requireNonNull(groups.get(group));
    }

    @Override
    public String engineName(List<String> group) {
      return "/" + String.join("/", group);
    }

    @Override
    public void apply(List<String> group, GroupLimits limits) {
      groups.put(engineName(group), limits);
    }

    @Override
    public void remove(List<String> group) {
      groups.keySet().removeIf(each -> each.startsWith(engineName(group)));
    }

    @Override
    public List<String> children(List<String> group) {
      String prefix = engineName(group) + "/";
      return groups.keySet().stream()
          .filter(each -> each.startsWith(prefix))
          .map(each -> each.substring(prefix.length()))
          .filter(each -> !each.contains("/"))
          .toList();
    }
  }

  private static PodView pod(String uid, String resources) {
    return new PodView(
        Json.read(
            """
            {"metadata":{"name":"p","uid":"%s"},
             "spec":{"containers":[{"name":"a","resources":%s}]}}
            """
                .formatted(uid, resources)));
  }

  @Test
  void putsPodsIntoTheGroupOfTheirClass() throws Exception {
    Recorded driver = new Recorded();
    PodCgroups groups = new PodCgroups(driver, OptionalLong.empty());
    groups.open(GroupLimits.weighing(2048));
    assertThat(groups.place(pod("b", "{}"))).isEqualTo("/kubepods/besteffort/podb");
    assertThat(groups.place(pod("u", "{\"requests\":{\"cpu\":\"1\"}}")))
        .isEqualTo("/kubepods/burstable/podu");
    assertThat(groups.place(pod("g", "{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Mi\"}}")))
        .isEqualTo("/kubepods/podg");
    assertThat(groups.pods())
        .containsExactlyInAnyOrder(new PodUid("b"), new PodUid("u"), new PodUid("g"));
    assertThat(driver.limits("/kubepods/burstable").cpuShares()).isEqualTo(1024);

    groups.place(pod("v", "{\"requests\":{\"cpu\":\"500m\"}}"));
    assertThat(driver.limits("/kubepods/burstable").cpuShares()).isEqualTo(1536);
    groups.remove(new PodUid("u"));
    assertThat(driver.limits("/kubepods/burstable").cpuShares()).isEqualTo(512);

    // Another agent knows nothing of what this one placed, and finds it.
    PodCgroups next = new PodCgroups(driver, OptionalLong.empty());
    next.remove(new PodUid("g"));
    next.remove(new PodUid("absent"));
    assertThat(next.pods()).containsExactlyInAnyOrder(new PodUid("b"), new PodUid("v"));
    next.purge();
    assertThat(driver.groups).isEmpty();
  }

  @Test
  void handsControllersDownInVersionTwo(@TempDir Path mount) throws IOException {
    for (String each : List.of("", "w", "w/kubepods", "w/kubepods/podg")) {
      Path directory = Files.createDirectories(mount.resolve(each));
      Files.writeString(
          directory.resolve("cgroup.controllers"), "cpuset cpu io memory pids rdma\n");
      Files.writeString(directory.resolve("cgroup.subtree_control"), "cpu\n");
    }
    Path pod = mount.resolve("w/kubepods/podg");
    for (String each : List.of("cpu.weight", "cpu.max", "memory.max")) {
      Files.writeString(pod.resolve(each), "as the kernel had it");
    }
    FileGroups groups = new FileGroups(mount, "w", FileGroups.Version.TWO);
    groups.apply(
        List.of("kubepods", "podg"),
        new GroupLimits(
            1024, OptionalLong.of(50_000), OptionalLong.of(1 << 20), OptionalLong.of(9), Map.of()));
    assertThat(pod.resolve("cpu.weight")).content().startsWith("100");
    assertThat(pod.resolve("cpu.max")).content().startsWith("50000 100000");
    assertThat(pod.resolve("memory.max")).content().startsWith("1048576");
    // The kernel lacks the controller: no file, no bound.
    assertThat(pod.resolve("pids.max")).doesNotExist();
    assertThat(mount.resolve("cgroup.subtree_control")).content().startsWith("+pids");
    assertThat(pod.resolve("cgroup.subtree_control")).content().startsWith("+pids");
    assertThat(groups.children(List.of("kubepods"))).containsExactly("podg");
  }

  @Test
  void saysWhichFileWouldNotTakeWhat(@TempDir Path mount) throws IOException {
    Path group = Files.createDirectories(mount.resolve("memory/w/kubepods"));
    Files.createDirectory(group.resolve("memory.limit_in_bytes"));
    FileGroups groups = new FileGroups(mount, "w", FileGroups.Version.ONE);
    assertThatThrownBy(() -> groups.apply(List.of("kubepods"), GroupLimits.weighing(2)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write \"-1\" to " + group.resolve("memory.limit_in_bytes"));
  }
}
