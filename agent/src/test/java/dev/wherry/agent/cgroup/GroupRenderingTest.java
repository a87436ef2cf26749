package dev.wherry.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.agent.pod.QosClass;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and limits as the lines of control groups' files. */
class GroupRenderingTest {
  @ParameterizedTest
  @CsvSource({"2, 1", "102, 17", "256, 35", "1024, 100", "262144, 10000", "1, 1", "999999, 10000"})
  void weighsForVersionTwo(long shares, long weight) {
    assertThat(CpuShares.weight(shares)).isEqualTo(weight);
  }

  @Test
  void weighsMoreForMore() {
    for (long shares = 3; shares <= 262_144; shares++) {
      assertThat(CpuShares.weight(shares)).isBetween(CpuShares.weight(shares - 1), 10_000L);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 2", "100, 102", "1000, 1024", "2500, 2560", "1000000, 262144"})
  void sharesByRequest(long millis, long shares) {
    assertThat(CpuShares.ofMillis(millis)).isEqualTo(shares);
  }

  @ParameterizedTest
  @CsvSource({"1, 1000", "10, 1000", "100, 10000", "1500, 150000"})
  void boundsByLimit(long millis, long quota) {
    assertThat(CpuShares.quotaOfMillis(millis)).isEqualTo(quota);
  }

  private static PodView pod(String spec) {
    return new PodView(Json.read("{\"metadata\":{\"name\":\"p\"},\"spec\":" + spec + "}"));
  }

  private static GroupLimits limits(PodView pod) {
    return GroupLimits.ofPod(QosClass.of(pod), PodRequirements.of(pod), OptionalLong.of(64));
  }

  private static List<String> lines(List<GroupFile> files) {
    return files.stream().map(each -> each.name() + "=" + each.line()).toList();
  }

  @Test
  void rendersAGuaranteedPodForBothVersions() {
    PodView pod =
        pod(
            """
            {"containers":[
              {"name":"a","resources":{"limits":{"cpu":"500m","memory":"64Mi","hugepages-2Mi":"4Mi"},
                "requests":{"cpu":"500m","memory":"64Mi","hugepages-2Mi":"4Mi"}}},
              {"name":"b","resources":{"limits":{"cpu":"1","memory":"64Mi","hugepages-2Mi":"2Mi"}}}]}
            """);
    assertThat(QosClass.of(pod)).isEqualTo(QosClass.GUARANTEED);
    assertThat(lines(GroupFile.split(limits(pod))))
        .containsExactly(
            "cpu.shares=1536",
            "cpu.cfs_period_us=100000",
            "cpu.cfs_quota_us=150000",
            "memory.limit_in_bytes=134217728",
            "pids.max=64",
            "hugetlb.2MB.limit_in_bytes=6291456");
    assertThat(lines(GroupFile.unified(limits(pod))))
        .containsExactly(
            "cpu.weight=138",
            "cpu.max=150000 100000",
            "memory.max=134217728",
            "pids.max=64",
            "hugetlb.2MB.max=6291456");
    assertThat(SystemdSlices.properties(limits(pod)))
        .containsExactly("CPUWeight=138", "CPUQuota=150.00%", "MemoryMax=134217728", "TasksMax=64");
  }

  @Test
  void leavesAPodUnboundedWhereOneContainerIs() {
    PodView pod =
        pod(
            """
            {"containers":[
              {"name":"a","resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"250m"}}},
              {"name":"b"}]}
            """);
    assertThat(lines(GroupFile.split(limits(pod))))
        .containsExactly(
            "cpu.shares=256",
            "cpu.cfs_period_us=100000",
            "cpu.cfs_quota_us=-1",
            "memory.limit_in_bytes=-1",
            "pids.max=64");
    assertThat(lines(GroupFile.unified(limits(pod))))
        .contains("cpu.max=max 100000", "memory.max=max");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"containers":[{"name":"a"}]} | BEST_EFFORT | 0 | 0
          {"resources":{"requests":{"cpu":"2","memory":"1Gi"},"limits":{"cpu":"2","memory":"1Gi"}},"containers":[{"name":"a"}]} | GUARANTEED | 2000 | 1073741824
          {"resources":{"limits":{"memory":"1Gi"}},"containers":[{"name":"a","resources":{"requests":{"cpu":"10m"}}}]} | BURSTABLE | 10 | 1073741824
          {"initContainers":[{"name":"i","resources":{"requests":{"cpu":"3"}}}],"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]} | BURSTABLE | 3000 | 0
          {"initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}},{"name":"i","resources":{"requests":{"cpu":"1500m"}}}],"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]} | BURSTABLE | 2500 | 0
          {"overhead":{"cpu":"100m","memory":"1Mi"},"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]} | BURSTABLE | 1100 | 1048576
          """)
  void countsWhatAPodAsksFor(String spec, QosClass qos, long cpuMillis, long memoryBytes) {
    PodView pod = pod(spec);
    assertThat(QosClass.of(pod)).isEqualTo(qos);
    assertThat(PodRequirements.of(pod).cpuMillis()).isEqualTo(cpuMillis);
    assertThat(PodRequirements.of(pod).memoryBytes()).isEqualTo(memoryBytes);
  }

  @Test
  void neverBoundsAPodBelowWhatItAsksFor() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      StringBuilder containers = new StringBuilder();
      for (int i = 0; i <= random.nextInt(4); i++) {
        int request = 1 + random.nextInt(500);
        int limit = request + random.nextInt(500);
        boolean limited = random.nextInt(4) > 0;
        containers
            .append(i == 0 ? "" : ",")
            .append(
                "{\"name\":\"c%d\",\"resources\":{\"requests\":{\"memory\":\"%dMi\"}"
                    .formatted(i, request))
            .append(limited ? ",\"limits\":{\"memory\":\"%dMi\"}".formatted(limit) : "")
            .append("}}");
      }
      PodView pod = pod("{\"containers\":[" + containers + "]}");
      PodRequirements asked = PodRequirements.of(pod);
      limits(pod)
          .memoryBytes()
          .ifPresent(
              bound ->
                  assertThat(bound)
                      .as("seed %d, %s", seed, pod.spec())
                      .isGreaterThanOrEqualTo(asked.memoryBytes()));
    }
  }

  @Test
  void namesGroupsForBothDrivers() {
    List<String> group = List.of("kubepods", "burstable", "pod12-34");
    assertThat(
            new FileGroups(java.nio.file.Path.of("/x"), "w/a", FileGroups.Version.TWO)
                .engineName(group))
        .isEqualTo("/w/a/kubepods/burstable/pod12-34");
    assertThat(new SystemdSlices(java.nio.file.Path.of("/x"), "w_1").engineName(group))
        .isEqualTo("w_1-kubepods-burstable-pod12_34.slice");
  }
}
