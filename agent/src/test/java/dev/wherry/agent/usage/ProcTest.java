package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProcTest {
  @Test
  void readsNumbersOfTheKernelWhole() throws IOException, InterruptedException {
    Process cat = new ProcessBuilder("cat", "/proc/sys/kernel/pid_max").start();
    String whole = new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    cat.waitFor();
    assertThat(Proc.text("/proc/sys/kernel/pid_max")).isEqualTo(whole.strip());
  }
}
