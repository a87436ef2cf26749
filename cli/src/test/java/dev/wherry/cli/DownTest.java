package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownTest {
  @Test
  void namesTheMountThatIsInTheWay(@TempDir Path directory) throws Exception {
    Path mount = Files.createDirectories(directory.resolve("data").resolve("disk"));
    Command.of("mount", "-t", "tmpfs", "none", mount.toString()).run();
    try {
      assertThatThrownBy(() -> Down.deleteTree(directory.resolve("data")))
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith("cannot remove " + mount + ": ");
    } finally {
      Command.of("umount", mount.toString()).run();
    }
    Down.deleteTree(directory.resolve("data"));
    assertThat(directory).isEmptyDirectory();
  }
}
