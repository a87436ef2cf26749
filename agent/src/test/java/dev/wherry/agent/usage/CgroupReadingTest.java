package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupReadingTest {
  private static final String SPLIT =
      "5:memory:/libpod_parent/libpod-a\n4:cpu,cpuacct:/other/libpod-a\n0::/\n";

  @ParameterizedTest
  @CsvSource(value = {"memory,/libpod_parent/libpod-a", "cpuacct,/other/libpod-a", "pids,''"})
  void findsTheGroupOfAController(String controller, String path) {
    assertThat(CgroupReading.path(SPLIT, controller)).isEqualTo(path);
  }

  @Test
  void findsTheUnifiedGroup() {
    assertThat(CgroupReading.path("0::/machine.slice/libpod-a.scope", ""))
        .isEqualTo("/machine.slice/libpod-a.scope");
  }

  @Test
  void readsFlatFiles() {
    String stat = "usage_usec 1500\nuser_usec 1000\n";
    assertThat(CgroupReading.value(stat, "usage_usec")).isEqualTo(1500);
    assertThat(CgroupReading.value(stat, "nr_periods")).isZero();
  }

  @Test
  void readsTheGroupOfThisProcess() {
    assertThat(CgroupReading.ofProcess(ProcessHandle.current().pid()))
        .hasValueSatisfying(
            reading -> {
              assertThat(reading.cpuNanos()).isPositive();
              assertThat(reading.workingSetBytes()).isPositive();
            });
    assertThat(CgroupReading.ofProcess(Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void averagesOverTheWindow() {
    assertThat(UsageSampler.nanoCores(7_500_000_000L, 15_000_000_000L)).isEqualTo(500_000_000);
    assertThat(UsageSampler.nanoCores(-1, 15_000_000_000L)).isZero();
    assertThat(UsageSampler.nanoCores(1, 0)).isZero();
  }

  @Test
  void countsBusyTimeWithoutIdleAndWaiting() {
    String stat = "cpu  100 1 50 9000 400 2 3 4 0 0\ncpu0 1 2 3\n";
    assertThat(UsageSampler.nodeCpuNanos(stat)).isEqualTo(160 * 10_000_000L);
  }
}
