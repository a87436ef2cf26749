package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.volume.VolumePlan.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  private static File file(String text, int mode) {
    return new File(text.getBytes(StandardCharsets.UTF_8), mode);
  }

  @Test
  void replacesAllFilesBehindOneLink() throws Exception {
    assertThat(AtomicFiles.write(directory, Map.of("a", file("1", 0644), "sub/b", file("2", 0400))))
        .isTrue();
    Path first = directory.resolve("..data").toRealPath();
    assertThat(directory.resolve("a")).hasContent("1");
    assertThat(directory.resolve("sub/b")).hasContent("2");
    assertThat(Files.getPosixFilePermissions(directory.resolve("sub/b")))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));

    assertThat(AtomicFiles.write(directory, Map.of("a", file("1", 0644), "sub/b", file("2", 0400))))
        .as("nothing new")
        .isFalse();
    assertThat(AtomicFiles.write(directory, Map.of("a", file("3", 0644)))).isTrue();
    assertThat(directory.resolve("a")).hasContent("3");
    assertThat(directory.resolve("sub")).doesNotExist();
    assertThat(first).doesNotExist();
  }
}
