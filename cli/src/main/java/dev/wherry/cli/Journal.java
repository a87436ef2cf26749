package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** systemd's log, which a service writes to by its standard error (systemd.exec(5)). */
final class Journal {
  private Journal() {}

  /** Whether this process's standard error is the journal. */
  static boolean hasErrors(Map<String, String> environment) {
    return hasErrors(environment, Path.of("/proc/self/fd/2"));
  }

  /** The environment may be a parent's: the file says whether it is still the one. */
  static boolean hasErrors(Map<String, String> environment, Path stream) {
    String named = environment.getOrDefault("JOURNAL_STREAM", "");
    try {
      return !named.isEmpty()
          && named.equals(
              Files.getAttribute(stream, "unix:dev")
                  + ":"
                  + Files.getAttribute(stream, "unix:ino"));
    } catch (IOException _) {
      return false; // closed
    }
  }
}
