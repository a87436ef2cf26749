package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is told of a command that could not be started; how commands run is the contract's. */
class RuntimeExecTest {
  @Test
  void aRecurringFailureHasTheSameWords() {
    String line =
        "time=\"%s\" level=error msg=\"exec failed: unable to start container process: exec:"
            + " \\\"/no\\\": stat /no: no such file or directory\"";
    for (String time : new String[] {"2026-01-01T00:00:00Z", "2026-01-01T00:00:02+02:00"}) {
      assertThat(RuntimeExec.message(line.formatted(time)))
          .isEqualTo(
              "exec failed: unable to start container process: exec: \"/no\": stat /no: no such file"
                  + " or directory");
    }
    assertThat(RuntimeExec.message("container does not exist"))
        .isEqualTo("container does not exist");
  }
}
