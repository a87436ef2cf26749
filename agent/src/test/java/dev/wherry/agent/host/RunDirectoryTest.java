package dev.wherry.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  private static final int ROUNDS = 2000;

  @TempDir Path directory;

  @Test
  void whoeverLeavesLastTakesTheSharedOneAlong() throws Exception {
    RunDirectory one = new RunDirectory(directory.resolve("shared/one"));
    RunDirectory other = new RunDirectory(directory.resolve("shared/other"));
    one.make();
    other.make();
    leave(one);
    assertThat(other.path()).isDirectory();
    leave(other);
    assertThat(directory.resolve("shared")).doesNotExist();
    leave(other);
  }

  @Test
  void comingAndGoingDoNotDisturbEachOther() {
    CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> comeAndGo("one")),
            CompletableFuture.runAsync(() -> comeAndGo("other")))
        .join();
    assertThat(directory.resolve("shared")).doesNotExist();
  }

  private void comeAndGo(String name) {
    RunDirectory own = new RunDirectory(directory.resolve("shared").resolve(name));
    for (int i = 0; i < ROUNDS; i++) {
      try {
        own.make();
        assertThat(own.path()).isDirectory();
        leave(own);
      } catch (java.io.IOException e) {
        throw new AssertionError("round " + i, e);
      }
    }
  }

  private static void leave(RunDirectory own) throws java.io.IOException {
    Files.deleteIfExists(own.path());
    own.removeShared();
  }
}
