package dev.wherry.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel setting under {@code /proc/sys}; those of {@code net} are the ones of the calling
 * thread's network namespace. Immutable.
 *
 * @param name with slashes: {@code net/ipv4/ip_forward}
 */
public record Sysctl(String name) {

  public String value() throws IOException {
    return Files.readString(file()).strip();
  }

  /** Writes the value unless it is that already; the value before. */
  public String set(String value) throws IOException {
    String before = value();
    if (!before.equals(value)) {
      Files.writeString(file(), value);
    }
    return before;
  }

  private Path file() {
    return Path.of("/proc/sys", name);
  }
}
