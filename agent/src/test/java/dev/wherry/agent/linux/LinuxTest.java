package dev.wherry.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxTest {

  @Test
  void canBeAskedHere() {
    assertThat(Linux.obstacle()).isEmpty();
  }

  @Test
  void saysWhatWasAskedAndWhatTheKernelAnswered() {
    assertThatThrownBy(() -> Linux.open(Path.of("/nowhere")))
        .isInstanceOf(LinuxException.class)
        .hasMessage("open /nowhere: ENOENT");
    assertThatThrownBy(() -> Linux.unmount(Path.of("/proc/self/status")))
        .hasMessage("umount /proc/self/status: EINVAL");
    assertThatThrownBy(() -> Linux.nameHost("a\0b")).hasMessage("sethostname a?b: EINVAL");
  }

  @Test
  void signalsAProcessThatIsHeldAndNoneThatHasEnded() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "600").start();
    try (HeldProcess held = HeldProcess.open(sleep.pid())) {
      held.signal(15);
      assertThat(sleep.waitFor()).isEqualTo(128 + 15);
      assertThatThrownBy(() -> held.signal(15)).hasMessage("signal 15: ESRCH");
    }
    assertThatThrownBy(() -> HeldProcess.open(sleep.pid()))
        .hasMessage("pidfd_open " + sleep.pid() + ": ESRCH");
  }

  @Test
  void knowsErrorsByNameAndOthersByNumber() {
    assertThat(Errno.name(17)).isEqualTo("EEXIST");
    assertThat(Errno.name(95)).isEqualTo("EOPNOTSUPP");
    assertThat(Errno.name(101)).isEqualTo("ENETUNREACH");
    assertThat(Errno.name(131)).isEqualTo("ENOTRECOVERABLE");
    assertThat(Errno.name(41)).isEqualTo("error 41");
    assertThat(Errno.name(4711)).isEqualTo("error 4711");
  }

  @Test
  void numbersDifferByArchitecture() {
    assertThat(SystemCall.SETNS.number("amd64")).isEqualTo(308);
    assertThat(SystemCall.SETNS.number("aarch64")).isEqualTo(268);
    assertThat(SystemCall.MOUNT_SETATTR.number("riscv64")).isEqualTo(442);
    assertThatThrownBy(() -> SystemCall.SETNS.number("arm"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("the numbers of system calls are not known for arm");
  }

  @Test
  void aFileIsSeenByEitherWayOfAsking(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("a"), new byte[8192]);
    Files.createLink(directory.resolve("b"), file);
    assertThat(DiskSpace.bySize(file)).isEqualTo(new DiskSpace(8192, 2));
    assertThat(DiskSpace.of(file).names()).isEqualTo(2);
    assertThat(DiskSpace.of(directory.resolve("none"))).isEqualTo(new DiskSpace(0, 0));
  }

  /** So that what it mounts can be unmounted by who is not willing to wait. */
  @Test
  void workOnAThreadOfItsOwnIsDoneWhenItsCallerIsInterrupted() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread.currentThread().interrupt();
    assertThat(
            OwnThread.call(
                "test",
                () -> {
                  done.set(true);
                  return "an answer";
                }))
        .isEqualTo("an answer");
    assertThat(done).isTrue();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThatThrownBy(
            () ->
                OwnThread.call(
                    "test",
                    () -> {
                      throw new LinuxException("bind", Errno.EINVAL);
                    }))
        .isInstanceOf(LinuxException.class)
        .hasMessage("bind: EINVAL");
  }

  @Test
  void aFileSystemIsAsLargeByEitherWayOfAsking() throws Exception {
    Path here = Path.of("/dev/shm");
    FileSystemUse asked = FileSystemUse.of(here);
    assertThat(asked.capacityBytes())
        .isPositive()
        .isEqualTo(FileSystemUse.withoutInodes(here).capacityBytes());
    assertThat(asked.inodesUsed()).isPositive();
  }
}
