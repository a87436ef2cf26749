package dev.wherry.agent.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageArchiveTest {
  @TempDir Path directory;

  private Path tar;

  @BeforeEach
  void archive() throws Exception {
    Path content = Files.createDirectory(directory.resolve("content"));
    Files.writeString(content.resolve("index.json"), "{}");
    tar = directory.resolve("plain");
    Command.of("tar", "-cf", tar.toString(), "-C", content.toString(), ".").run();
  }

  private Path packed(String how) throws Exception {
    Path file = directory.resolve("packed");
    Command.of("sh", "-c", how + " < \"$0\" > \"$1\"", tar.toString(), file.toString()).run();
    return file;
  }

  private static byte[] read(Path archive) throws IOException {
    try (InputStream in = ImageArchive.open(archive)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cat", "gzip", "bzip2", "xz", "zstd -q"})
  void unpacksWhateverItIsPackedWith(String how) throws Exception {
    assertThat(read(packed(how))).isEqualTo(Files.readAllBytes(tar));
  }

  @Test
  void makesOneOfADirectory() throws Exception {
    Path again = directory.resolve("again");
    Files.write(again, read(directory.resolve("content")));
    assertThat(Command.of("tar", "-tf", again.toString()).run()).isEqualTo("./\n./index.json\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "bzip2", "xz", "zstd -q"})
  void tellsWhichIsCutOff(String how) throws Exception {
    Path file = packed(how);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 20));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(ImageArchive.UnreadableException.class)
        .hasMessageStartingWith(file + ": ");
  }

  @Test
  void tellsWhichIsNotThere() {
    assertThatThrownBy(() -> read(directory.resolve("nothing")))
        .isInstanceOf(ImageArchive.UnreadableException.class);
  }
}
