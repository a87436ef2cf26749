package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.image.ImageGarbage.Disk;
import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.FakeRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCollectorTest {
  private static final Disk FULL = new Disk(100, 0);
  private static final Disk FINE = new Disk(100, 90);

  @TempDir Path temporary;
  private final FakeRuntime runtime = new FakeRuntime("docker.io/library/here:1");
  private final List<String> shortages = new ArrayList<>();
  private final Set<String> mounted = new HashSet<>();
  private Instant now = Instant.parse("2026-01-10T00:00:00Z");

  private ImageCollector collector(Duration maximumAge) {
    return new ImageCollector(
        runtime,
        new Images(runtime, 1),
        new ImageCollector.Settings(temporary, 85, 80, maximumAge),
        () -> now,
        shortages::add,
        () -> mounted);
  }

  private List<String> images() {
    return runtime.images().stream().map(Image::id).sorted().toList();
  }

  @Test
  void aFullDiskLosesWhatNobodyUsesAndTellsThatItIsNotEnough() throws Exception {
    runtime.useRegistry((_, _) -> {});
    ImageCollector collector = collector(Duration.ZERO);
    assertThat(collector.collect(FINE)).isZero();
    runtime.pull("docker.io/library/late:1", Credentials.NONE);
    assertThat(collector.collect(FULL)).isEqualTo(1);
    assertThat(images())
        .as("one that has just come stays")
        .containsExactly("docker.io/library/late:1");
    assertThat(shortages)
        .containsExactly(
            "Failed to garbage collect required amount of images. Attempted to free 20 bytes,"
                + " but only found 1 bytes eligible to free.");
    now = now.plus(Duration.ofMinutes(3));
    assertThat(collector.collect(FULL)).isEqualTo(1);
    assertThat(images()).isEmpty();
  }

  @Test
  void whatIsMountedAsAVolumeStays() throws Exception {
    ImageCollector collector = collector(Duration.ZERO);
    mounted.add("docker.io/library/here:1");
    assertThat(collector.collect(FULL)).isZero();
    mounted.clear();
    now = now.plus(Duration.ofMinutes(3));
    assertThat(collector.collect(FULL)).isEqualTo(1);
  }

  @Test
  void pressureTakesAllThatNobodyUsesBeforeAnyPodHasToLeave() throws Exception {
    runtime.useRegistry((_, _) -> {});
    ImageCollector collector = collector(Duration.ZERO);
    assertThat(collector.collect(FINE)).isZero();
    runtime.pull("docker.io/library/late:1", Credentials.NONE);
    assertThat(collector.reclaim()).isEqualTo(1);
    assertThat(images()).containsExactly("docker.io/library/late:1");
    assertThat(shortages).as("the node says itself that it is short").isEmpty();
  }

  @Test
  void anImageGoesAfterItsTimeOnAnEmptyDisk() throws Exception {
    runtime.useRegistry((_, _) -> {});
    ImageCollector collector = collector(Duration.ofHours(2));
    collector.collect(FINE);
    runtime.pull("docker.io/library/late:1", Credentials.NONE);
    collector.collect(FINE);
    now = now.plus(Duration.ofHours(1));
    assertThat(collector.collect(FINE)).isZero();
    now = now.plus(Duration.ofHours(1));
    assertThat(collector.collect(FINE)).isEqualTo(1);
    assertThat(images()).as("what was found at the start has no age").hasSize(1);
  }
}
