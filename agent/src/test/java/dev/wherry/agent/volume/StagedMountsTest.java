package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.volume.Staging.Depth;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mounts for real; needs root. */
class StagedMountsTest {
  private Path root;
  private Path volume;
  private Path target;

  @BeforeEach
  void makeVolume() throws IOException {
    root = Files.createTempDirectory("wherry-staged").toRealPath();
    volume = Files.createDirectories(root.resolve("volume"));
    target = root.resolve("run/staged/c/0");
    Files.writeString(Files.createDirectories(volume.resolve("a/b")).resolve("file"), "inside");
    Files.writeString(Files.createDirectories(root.resolve("secret")).resolve("key"), "outside");
  }

  @AfterEach
  void unmount() throws Exception {
    new ProcessBuilder("umount", "-lR", target.toString()).start().waitFor();
    new ProcessBuilder("umount", "-l", volume.resolve("below").toString()).start().waitFor();
    Command.of("rm", "-rf", root.toString()).run();
  }

  private void stage(String subPath, Depth depth) throws IOException, InterruptedException {
    StagedMounts.stage(new Staging("data", volume, subPath, target, depth, Optional.empty()));
  }

  @Test
  void mountsAPartOfAVolume() throws Exception {
    stage("a/b", Depth.TOP);
    assertThat(target.resolve("file")).hasContent("inside");
    Files.writeString(target.resolve("new"), "seen");
    assertThat(volume.resolve("a/b/new")).hasContent("seen");
    stage("a", Depth.TOP);
    assertThat(target.resolve("b/file")).as("a restart mounts anew").hasContent("inside");
  }

  @Test
  void mountsASingleFile() throws Exception {
    stage("a/b/file", Depth.TOP);
    assertThat(target).isRegularFile().hasContent("inside");
  }

  @Test
  void makesWhatIsMissingWithTheVolumesMode() throws Exception {
    Files.setAttribute(volume, "unix:mode", 02775); // of a volume with an fsGroup
    stage("not/there", Depth.TOP);
    for (Path made : List.of(volume.resolve("not"), volume.resolve("not/there"))) {
      assertThat((int) Files.getAttribute(made, "unix:mode") & 07777).isEqualTo(02775);
    }
  }

  /** Two containers of a pod begin with the same part at once. */
  @Test
  void makesAPartOnceForAllThatWantIt() throws Exception {
    List<Callable<Path>> wishes =
        Collections.nCopies(16, () -> StagedMounts.resolve(volume, "x/y/z"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Path> each : threads.invokeAll(wishes)) {
        assertThat(each.get()).isEqualTo(volume.resolve("x/y/z"));
      }
    }
  }

  @Test
  void followsLinksWithinTheVolumeOnly() throws Exception {
    Files.createSymbolicLink(volume.resolve("near"), Path.of("a"));
    stage("near/b", Depth.TOP);
    assertThat(target.resolve("file")).hasContent("inside");
  }

  @ParameterizedTest
  @CsvSource({
    "absolute, absolute",
    "relative, relative",
    "relative/made, relative",
    "absolute/key, absolute",
    "a/deep, a/deep",
  })
  void refusesLinksThatLeadOut(String subPath, String link) throws Exception {
    Path goal =
        link.equals("absolute")
            ? root.resolve("secret")
            : Path.of(link.contains("/") ? "../../secret" : "../secret");
    Files.createSymbolicLink(volume.resolve(link), goal);
    assertThatThrownBy(() -> stage(subPath, Depth.TOP))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("leads out of its volume");
    assertThat(root.resolve("secret/made")).doesNotExist();
    assertThat(target).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"..", "a/../../secret", "a/.."})
  void refusesToClimb(String subPath) {
    assertThatThrownBy(() -> stage(subPath, Depth.TOP))
        .isInstanceOf(VolumeException.class)
        .hasMessage("subPath \"" + subPath + "\" must not contain '..'");
  }

  @Test
  void makesMountsBelowReadOnlyToo() throws Exception {
    Path below = Files.createDirectories(volume.resolve("below"));
    Command.of("mount", "-t", "tmpfs", "tmpfs", below.toString()).run();
    stage("", Depth.RECURSIVE);
    assertThatThrownBy(() -> Files.createFile(target.resolve("below/x")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Read-only file system");
    Files.createFile(below.resolve("y"));
    assertThat(target.resolve("below/y")).exists();
  }
}
