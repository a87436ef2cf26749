package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastBootTest {
  @TempDir Path directory;

  @Test
  void isOverOnceTheMachineWasStartedAnew() throws Exception {
    LastBoot last = new LastBoot(directory.resolve("boot"));
    assertThat(last.isOver("a")).as("the first of all").isFalse();
    assertThat(last.isOver("a")).isFalse();
    assertThat(last.isOver("b")).isTrue();
    assertThat(last.isOver("b")).isFalse();
  }
}
