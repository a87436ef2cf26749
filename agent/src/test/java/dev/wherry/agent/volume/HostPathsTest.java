package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPathsTest {
  @TempDir Path temporary;

  @BeforeEach
  void makePaths() throws IOException {
    Files.createDirectory(temporary.resolve("dir"));
    Files.createFile(temporary.resolve("file"));
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(temporary.resolve("sock")));
    }
  }

  private Path path(String name) {
    return name.startsWith("/") ? Path.of(name) : temporary.resolve(name);
  }

  @ParameterizedTest
  @CsvSource({
    "dir, ''",
    "file, ''",
    "dir, Directory",
    "dir, DirectoryOrCreate",
    "file, File",
    "file, FileOrCreate",
    "sock, Socket",
    "/dev/null, CharDevice",
    "/dev/loop0, BlockDevice",
  })
  void takesWhatFits(String name, String type) throws IOException {
    HostPaths.make(path(name), type);
  }

  @ParameterizedTest
  @CsvSource({
    "missing, Directory, a directory",
    "file, DirectoryOrCreate, a directory",
    "missing, File, a file",
    "dir, FileOrCreate, a file",
    "file, Socket, a socket file",
    "/dev/null, BlockDevice, a block device",
    "file, CharDevice, a character device",
    "missing, Socket, a socket file",
  })
  void refusesTheRestInKubernetesWords(String name, String type, String kind) {
    assertThatThrownBy(() -> HostPaths.make(path(name), type))
        .isInstanceOf(VolumeException.class)
        .hasMessage("hostPath type check failed: " + path(name) + " is not " + kind);
  }

  @Test
  void makesWhatTheTypeSays() throws IOException {
    HostPaths.make(path("new/deep"), "DirectoryOrCreate");
    HostPaths.make(path("fresh"), "FileOrCreate");
    assertThat(Files.getPosixFilePermissions(path("new/deep")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(Files.getPosixFilePermissions(path("fresh")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> HostPaths.make(path("no/parent"), "FileOrCreate"))
        .isInstanceOf(NoSuchFileException.class);
  }
}
