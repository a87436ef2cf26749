package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeDirectoryTest {
  @TempDir Path temporary;

  @Test
  void removesAVolumeAndNothingThatItLinksTo() throws IOException {
    Path root = temporary.resolve("volumes");
    Path outside = Files.createDirectory(temporary.resolve("outside"));
    Files.createFile(outside.resolve("kept"));
    Path volume = Files.createDirectories(root.resolve("pvc-1"));
    Files.createSymbolicLink(volume.resolve("link"), outside);
    Files.createDirectories(volume.resolve("a/b"));
    new VolumeDirectory(root).remove(volume.toString());
    assertThat(volume).doesNotExist();
    assertThat(outside.resolve("kept")).exists();
    new VolumeDirectory(root).remove(volume.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "ROOT", "ROOT/../x", "ROOT/a/b", "ROOT/a/../b", "pvc-1"})
  void refusesWhatIsNoVolume(String path) {
    VolumeDirectory volumes = new VolumeDirectory(temporary);
    assertThatThrownBy(() -> volumes.remove(path.replace("ROOT", temporary.toString())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
