package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path directory;

  @Test
  void isHeldByOneServerAtATime() throws IOException {
    DataDirectory data = new DataDirectory(directory.resolve("cluster"));
    DataDirectory.Hold hold = data.hold();
    assertThatThrownBy(data::hold)
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is in use by another Wherry")
        .hasMessageContaining(data.path().toString());
    hold.channel().close();
    data.hold().channel().close();
  }

  @Test
  void isRemovedByOneThatWasRefusedAsLongAsNobodyKeepsAnythingInIt() throws IOException {
    DataDirectory unused = new DataDirectory(directory.resolve("unused"));
    Files.createDirectories(unused.temporary());
    unused.removeUnused();
    assertThat(unused.path()).doesNotExist();

    DataDirectory used = new DataDirectory(directory.resolve("used"));
    used.hold().channel().close();
    Files.createDirectories(used.temporary());
    used.removeUnused();
    assertThat(used.path()).isNotEmptyDirectory();
  }

  @Test
  void isTheSameByWhateverPath() throws IOException {
    Path real = directory.toRealPath().resolve("disk/cluster");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("disk"));

    assertThat(new DataDirectory(link.resolve("cluster")).path())
        .as("nothing is there yet")
        .isEqualTo(real);
    Files.createDirectories(real);
    assertThat(new DataDirectory(link.resolve("cluster")).path()).isEqualTo(real);
    assertThat(new DataDirectory(link.resolve("../disk/cluster")).path()).isEqualTo(real);
  }

  @Test
  void isNotUsedFromElsewhereWhilePodsRunFromWhereItWas() throws IOException {
    Layout before = new Layout(new DataDirectory(Files.createDirectory(directory.resolve("old"))));
    before.settle();
    before.settle();
    Path pod = before.run().resolve("pods/some-pod");
    new RunDirectory(pod).make();
    try {
      Path moved = Files.move(before.data().path(), directory.resolve("new"));
      Layout after = new Layout(new DataDirectory(moved));
      assertThatThrownBy(after::settle)
          .isInstanceOf(UserError.class)
          .hasMessageContaining("pods still run from " + before.data().path());

      Files.delete(pod);
      after.settle();
      assertThat(moved.resolve("place")).hasContent(after.data().path() + "\n");
    } finally {
      Down.deleteTree(before.run());
      new RunDirectory(before.run()).removeShared();
    }
  }

  @Test
  void knowsItsServerByPidAndStart() throws IOException {
    DataDirectory data = new DataDirectory(directory);
    long pid = ProcessHandle.current().pid();
    long ticks = Processes.startTicks(pid).orElseThrow();
    data.writeServer(new DataDirectory.ServerFacts(pid, ticks, "server", "node-1", 6443));
    assertThat(data.server())
        .hasValueSatisfying(facts -> assertThat(facts.nodeName()).isEqualTo("node-1"));

    data.writeServer(new DataDirectory.ServerFacts(pid, ticks - 1, "server", "node-1", 6443));
    assertThat(data.server()).as("another process that got the same pid").isEmpty();

    Files.writeString(directory.resolve("wherry.pid"), "12");
    assertThat(data.server()).as("a file cut short").isEmpty();
  }
}
