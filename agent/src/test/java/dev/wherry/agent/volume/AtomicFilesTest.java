package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.volume.VolumePlan.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  private static File file(String text, int mode) {
    return new File(text.getBytes(StandardCharsets.UTF_8), mode);
  }

  private boolean write(Map<String, File> files) throws IOException {
    return AtomicFiles.write(directory, files, OptionalLong.empty());
  }

  @Test
  void replacesAllFilesBehindOneLink() throws Exception {
    assertThat(write(Map.of("a", file("1", 0644), "sub/b", file("2", 0400)))).isTrue();
    Path first = directory.resolve("..data").toRealPath();
    assertThat(directory.resolve("a")).hasContent("1");
    assertThat(directory.resolve("sub/b")).hasContent("2");
    assertThat(Files.getPosixFilePermissions(directory.resolve("sub/b")))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));

    assertThat(write(Map.of("a", file("1", 0644), "sub/b", file("2", 0400))))
        .as("nothing new")
        .isFalse();
    assertThat(write(Map.of("a", file("3", 0644)))).isTrue();
    assertThat(directory.resolve("a")).hasContent("3");
    assertThat(directory.resolve("sub")).doesNotExist();
    assertThat(first).doesNotExist();
  }

  @Test
  void givesFilesToTheirUserAndTheGroup() throws Exception {
    File token = new File(new byte[] {'t'}, 0600, OptionalLong.of(1000));
    AtomicFiles.write(
        directory, Map.of("token", token, "sub/ca.crt", file("c", 0400)), OptionalLong.of(2000));
    Path data = directory.resolve("..data").toRealPath();
    assertThat(ownership(data.resolve("token"))).isEqualTo("1000:2000 640");
    assertThat(ownership(data.resolve("sub/ca.crt"))).isEqualTo("0:2000 440");
    assertThat(ownership(data.resolve("sub"))).isEqualTo("0:2000 2755");
    assertThat(ownership(data)).isEqualTo("0:2000 2755");
  }

  private static String ownership(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid")
        + ":"
        + Files.getAttribute(path, "unix:gid")
        + " "
        + Integer.toOctalString((int) Files.getAttribute(path, "unix:mode") & 07777);
  }
}
