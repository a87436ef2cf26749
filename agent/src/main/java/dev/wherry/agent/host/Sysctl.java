package dev.wherry.agent.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel setting under {@code /proc/sys}; those of {@code net} are the ones of the calling
 * thread's network namespace. Immutable.
 *
 * @param name with slashes: {@code net/ipv4/ip_forward}
 */
public record Sysctl(String name) {
  private static final int MAX_BYTES = 4096;

  /** Whether this kernel has it, by the modules that are loaded. */
  public boolean exists() {
    return Files.exists(file());
  }

  public String value() throws IOException {
    // In one read: numbers here answer a second one with the end of the file.
    try (InputStream in = Files.newInputStream(file())) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
    }
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
