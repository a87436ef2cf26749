package dev.wherry.agent.usage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Readings of {@code /proc} and {@code /etc}. */
final class Proc {
  private static final int MAX_BYTES = 4096;

  private Proc() {}

  /** A line of {@code /proc/meminfo} in bytes; 0 where it lacks. */
  static long memory(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.substring(name.length() + 1).replace("kB", "").strip()) * 1024;
      }
    }
    return 0;
  }

  /** The file's text without the blanks around it; empty where it cannot be read. */
  static String text(String file) {
    // In one read: some numbers below /proc/sys answer a second one with the end of the file, and
    // Files.readString begins with a single byte where the size is said to be 0.
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
    } catch (IOException _) {
      return "";
    }
  }

  static String osImage() {
    for (String line : text("/etc/os-release").lines().toList()) {
      if (line.startsWith("PRETTY_NAME=")) {
        return line.substring("PRETTY_NAME=".length()).replace("\"", "");
      }
    }
    return "Linux";
  }
}
