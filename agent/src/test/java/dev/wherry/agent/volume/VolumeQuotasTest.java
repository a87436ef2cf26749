package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.linux.ProjectQuota;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real file systems, each in a file. */
class VolumeQuotasTest {
  private static final long MIB = 1 << 20;

  @TempDir Path temporary;

  private static Path volume(QuotaDisk disk, String name) throws IOException {
    return Files.createDirectories(disk.mount().resolve(name));
  }

  /** As a container does that is not privileged: the kernel binds it, though it is root. */
  private static void write(Path file, long kib) throws IOException, InterruptedException {
    Command.of(
            "setpriv",
            "--bounding-set=-sys_resource",
            "dd",
            "if=/dev/zero",
            "of=" + file,
            "bs=1024",
            "count=" + kib)
        .run();
  }

  private static void refuses(Path file, long kib) {
    assertThatThrownBy(() -> write(file, kib))
        .isInstanceOf(Command.FailedException.class)
        .message()
        .containsAnyOf("Disk quota exceeded", "No space left on device");
  }

  private static void awaitUnused(QuotaDisk disk, int number) throws IOException {
    awaitNoFiles(disk, number);
    assertThat(ProjectQuota.account(disk.mount(), number))
        .isEqualTo(new ProjectQuota.Account(0, 0, 0));
  }

  /** xfs forgets a deleted file a moment later. */
  private static void awaitNoFiles(QuotaDisk disk, int number) throws IOException {
    Instant deadline = Instant.now().plusSeconds(60);
    while (ProjectQuota.account(disk.mount(), number).files() > 0) {
      assertThat(Instant.now()).isBefore(deadline);
      Thread.onSpinWait();
    }
  }

  private static long used(Path volume) throws IOException {
    return VolumeQuotas.used(volume).orElseThrow().bytes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void theKernelRefusesWhatIsBeyondTheBound(String type) throws Exception {
    try (QuotaDisk disk = QuotaDisk.make(temporary, type)) {
      Path volume = volume(disk, "volume");
      VolumeQuotas.hold(volume, MIB);
      write(volume.resolve("all"), 1024);
      assertThat(used(volume)).isEqualTo(MIB);
      refuses(volume.resolve("more"), 64);

      VolumeQuotas.hold(volume, 2 * MIB);
      write(volume.resolve("more"), 512);
      assertThat(used(volume)).isBetween(MIB + MIB / 2, 2 * MIB);
      refuses(volume.resolve("much"), 1024);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void numbersAreOfOneDirectoryAsLongAsItHasFiles(String type) throws Exception {
    try (QuotaDisk disk = QuotaDisk.make(temporary, type)) {
      Path first = volume(disk, "first");
      Path second = volume(disk, "second");
      VolumeQuotas.hold(first, MIB);
      VolumeQuotas.hold(second, MIB);
      VolumeQuotas.hold(first, MIB); // an agent that starts anew
      int number = ProjectQuota.of(first);
      assertThat(number).isEqualTo(VolumeQuotas.FIRST);
      assertThat(ProjectQuota.of(second)).isEqualTo(number + 1);

      VolumeQuotas.release(first);
      Path third = volume(disk, "third");
      VolumeQuotas.hold(third, MIB);
      assertThat(ProjectQuota.of(third)).as("not yet free").isEqualTo(number + 2);
      AtomicFiles.deleteTree(first);
      awaitUnused(disk, number);

      AtomicFiles.deleteTree(second); // by somebody who does not let go first
      awaitNoFiles(disk, number + 1);
      Path fourth = volume(disk, "fourth");
      Path fifth = volume(disk, "fifth");
      VolumeQuotas.hold(fourth, MIB);
      VolumeQuotas.hold(fifth, 2 * MIB);
      assertThat(ProjectQuota.of(fourth)).isEqualTo(number);
      assertThat(ProjectQuota.of(fifth)).isEqualTo(number + 1);
      write(fifth.resolve("all"), 2048);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void whatWasThereBeforeIsCountedAndNothingBeyondLinks(String type) throws Exception {
    try (QuotaDisk disk = QuotaDisk.make(temporary, type)) {
      Path outside = volume(disk, "outside");
      Path volume = volume(disk, "volume");
      Path deep = Files.createDirectories(volume.resolve("a/b"));
      Files.write(deep.resolve("old"), new byte[600 << 10]);
      Files.createSymbolicLink(volume.resolve("link"), outside);
      int number = VolumeQuotas.FIRST;
      // An agent that was killed before it was through.
      ProjectQuota.assign(volume, number);
      assertThat(VolumeQuotas.used(volume)).isEmpty();

      VolumeQuotas.hold(volume, MIB);
      assertThat(ProjectQuota.of(volume)).isEqualTo(number);
      assertThat(used(volume)).isBetween(600L << 10, 640L << 10);
      assertThat(ProjectQuota.of(outside)).isZero();
      refuses(deep.resolve("new"), 512);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void projectsOfAdministratorsAreLeftAlone(String type) throws Exception {
    try (QuotaDisk disk = QuotaDisk.make(temporary, type)) {
      Path above = volume(disk, "above");
      ProjectQuota.assign(above, VolumeQuotas.FIRST + 7);
      Path inherits = Files.createDirectory(above.resolve("volume"));
      Path own = volume(disk, "own");
      ProjectQuota.assign(own, 42);
      for (Path each : new Path[] {inherits, own}) {
        int before = ProjectQuota.of(each);
        VolumeQuotas.hold(each, MIB);
        VolumeQuotas.release(each);
        assertThat(ProjectQuota.of(each)).isEqualTo(before).isNotZero();
        assertThat(ProjectQuota.account(each, before).limitKib()).isZero();
        assertThat(VolumeQuotas.used(each)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void volumesOfPodsAndClaimsAreBoundedAndLeaveNoQuotaBehind(String type) throws Exception {
    try (QuotaDisk disk = QuotaDisk.make(temporary, type)) {
      PodDirectories directories =
          new PodDirectories(disk.mount().resolve("data"), temporary.resolve("run"));
      VolumeDirectory claims = new VolumeDirectory(disk.mount().resolve("claims"));
      VolumeApplier applier = new VolumeApplier(directories);
      PodUid pod = new PodUid("p1");
      Path claimed = claims.root().resolve("pvc-1");
      applier.apply(
          pod,
          "free",
          new VolumePlan.EmptyDir(new VolumePlan.EmptyDir.Disk(), 0),
          Optional.empty());
      applier.apply(
          pod,
          "empty",
          new VolumePlan.EmptyDir(new VolumePlan.EmptyDir.Disk(), MIB),
          Optional.empty());
      applier.apply(pod, "claim", claim(claimed), Optional.empty());
      write(directories.volume(pod, "free").resolve("a"), 4096);
      refuses(directories.volume(pod, "empty").resolve("a"), 4096);
      refuses(claimed.resolve("a"), 4096);

      int first = VolumeQuotas.FIRST;
      applier.remove(pod);
      assertThat(ProjectQuota.account(disk.mount(), first).limitKib()).isZero();
      assertThat(used(claimed)).as("a claim outlives its pods").isEqualTo(MIB);
      claims.remove(claimed.toString());
      applier.apply(pod, "claim", claim(claimed), Optional.empty());
      applier.apply(
          pod,
          "empty",
          new VolumePlan.EmptyDir(new VolumePlan.EmptyDir.Disk(), MIB),
          Optional.empty());
      VolumeApplier.purge(directories);
      claims.purge();
      for (int number : new int[] {first, first + 1}) {
        awaitUnused(disk, number);
      }
    }
  }

  private static VolumePlan.Claimed claim(Path directory) {
    return new VolumePlan.Claimed(
        directory.toString(),
        VolumePlan.Claimed.Kind.PROVISIONED,
        "DirectoryOrCreate",
        false,
        false,
        MIB);
  }

  @Test
  void aFileSystemThatDoesNotCountLeavesVolumesAsTheyAre() throws Exception {
    Path shm = Files.createTempDirectory(Path.of("/dev/shm"), "volume");
    try {
      VolumeQuotas.hold(shm, 4096);
      Files.write(shm.resolve("a"), new byte[8192]);
      assertThat(VolumeQuotas.used(shm)).isEmpty();
      VolumeQuotas.release(shm);
    } finally {
      AtomicFiles.deleteTree(shm);
    }
  }
}
