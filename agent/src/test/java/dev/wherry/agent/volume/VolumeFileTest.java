package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeFileTest {
  @TempDir private Path volume;

  @Test
  void readsWhatLiesInTheVolume() throws Exception {
    Files.writeString(Files.createDirectories(volume.resolve("a/b")).resolve("c"), "text");
    assertThat(VolumeFile.read(volume, "a/b/c", 4)).contains("text");
    assertThat(VolumeFile.read(volume, "a/b/d", 4)).isEmpty();
    assertThat(VolumeFile.read(volume.resolve("none"), "c", 4)).isEmpty();
    assertThatThrownBy(() -> VolumeFile.read(volume, "a/b/c", 3)).hasMessageContaining("longer");
    assertThatThrownBy(() -> VolumeFile.read(volume, "a/b", 3)).hasMessageContaining("no regular");
  }

  @Test
  void followsNoWayOut() throws Exception {
    Files.createSymbolicLink(volume.resolve("file"), Path.of("/etc/hostname"));
    Files.createSymbolicLink(volume.resolve("dir"), Path.of("/etc"));
    for (String each :
        new String[] {"file", "dir/hostname", "../x", "a/../../x", "/etc/hostname"}) {
      assertThatThrownBy(() -> VolumeFile.read(volume, each, 1000))
          .as(each)
          .isInstanceOf(IOException.class);
    }
  }
}
