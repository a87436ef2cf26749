package dev.wherry.agent.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a file below {@code /proc} or {@code /sys}. */
final class KernelFile {
  private static final int MAX_BYTES = 64 * 1024;

  private KernelFile() {}

  /** Without the blanks around it; empty where it cannot be read. */
  static String text(String file) {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
    } catch (IOException _) {
      return "";
    }
  }

  /** The one number in a file; {@code otherwise} where there is none, such as {@code max}. */
  static long number(String file, long otherwise) {
    return number(text(file), text -> text, otherwise);
  }

  /** A line {@code name number} of a flat text; 0 where it lacks. */
  static long value(String text, String name) {
    for (String line : text.lines().toList()) {
      if (line.startsWith(name + " ")) {
        return number(line, each -> each.substring(name.length() + 1).strip(), 0);
      }
    }
    return 0;
  }

  private interface Part {
    String of(String text);
  }

  private static long number(String text, Part part, long otherwise) {
    try {
      return Long.parseLong(part.of(text));
    } catch (NumberFormatException _) {
      return otherwise; // a word, or a number past what a long holds: no bound
    }
  }
}
