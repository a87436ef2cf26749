package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.volume.Ownership.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnershipTest {
  @TempDir Path temporary;

  private static String of(Path path) throws IOException {
    return Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS)
        + " "
        + Integer.toOctalString((int) Files.getAttribute(path, "unix:mode") & 07777);
  }

  @Test
  void givesAllButLinksToTheGroup() throws Exception {
    Path outside = Files.createFile(temporary.resolve("outside"));
    Path volume = Files.createDirectory(temporary.resolve("volume"));
    Path file = Files.createFile(Files.createDirectory(volume.resolve("dir")).resolve("file"));
    Files.setPosixFilePermissions(file, AtomicFiles.permissions(0600));
    Files.createSymbolicLink(volume.resolve("link"), outside);
    new Ownership(2000, Policy.ALWAYS).apply(volume);
    assertThat(of(volume)).isEqualTo("2000 2775");
    assertThat(of(volume.resolve("dir"))).isEqualTo("2000 2775");
    assertThat(of(file)).isEqualTo("2000 660");
    assertThat(of(outside)).startsWith("0 ");
  }

  @Test
  void looksAtTheRootAloneWhereThatIsThePolicy() throws Exception {
    Path volume = Files.createDirectory(temporary.resolve("volume"));
    new Ownership(2000, Policy.ON_ROOT_MISMATCH).apply(volume);
    Path later = Files.createFile(volume.resolve("later"));
    Files.setAttribute(later, "unix:gid", 7);
    new Ownership(2000, Policy.ON_ROOT_MISMATCH).apply(volume);
    assertThat(of(later)).startsWith("7 ");
    new Ownership(2000, Policy.ALWAYS).apply(volume);
    assertThat(of(later)).startsWith("2000 ");
  }
}
