package dev.wherry.agent.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.pod.PodEvent.Evicted;
import dev.wherry.agent.runtime.FakeRuntime;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What this machine is short of by thresholds that it never or always meets. */
class PressureWatchTest {
  @TempDir Path directory;

  /** A node without pods. */
  private static final class Nobody implements PressureWatch.Pods {
    final List<String> told = new ArrayList<>();

    @Override
    public void reclaims(String resource) {
      told.add(resource);
    }

    @Override
    public List<PodView> all() {
      return List.of();
    }

    @Override
    public boolean evict(PodUid pod, Evicted eviction) {
      return false;
    }

    @Override
    public void reclaimDisk() {
      told.add("images");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "memory.available<1, '', ''",
    "memory.available<1000000Gi, MemoryPressure, memory",
    "nodefs.available<1000000Gi, DiskPressure, ephemeral-storage images",
    "pid.available<1000000G, PIDPressure, pids"
  })
  void saysWhatItTakesBack(String threshold, String condition, String told) throws Exception {
    EvictionPolicy policy =
        new EvictionPolicy(Threshold.parse(threshold, ""), Map.of(), Duration.ZERO, Duration.ZERO);
    Nobody pods = new Nobody();
    try (PressureWatch watch =
        new PressureWatch(
            policy,
            new FakeRuntime(),
            new PodDirectories(directory, directory, directory),
            new DesiredState(),
            () -> {})) {
      watch.look();
      assertThat(String.join(" ", watch.conditions())).isEqualTo(condition);
      watch.relieve(pods);
    }
    assertThat(String.join(" ", pods.told)).isEqualTo(told);
  }
}
