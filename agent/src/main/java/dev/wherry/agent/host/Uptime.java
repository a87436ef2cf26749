package dev.wherry.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The clock that runs since the machine's boot, sleep included: the same for every process until
 * the next boot, and untouched by changes of the calendar (proc(5), /proc/uptime).
 */
@FunctionalInterface
public interface Uptime {
  Uptime SYSTEM =
      () -> {
        String seconds = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
        return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
      };

  Duration read() throws IOException;
}
