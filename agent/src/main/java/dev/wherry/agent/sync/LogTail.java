package dev.wherry.agent.sync;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a log as a termination message: at most 80 lines and 2048 bytes (v1.Container). */
final class LogTail {
  private static final int MAX_BYTES = 2048;
  private static final int MAX_LINES = 80;

  private LogTail() {}

  static String of(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      int length = (int) Math.min(file.length(), 4 * MAX_BYTES);
      file.seek(file.length() - length);
      byte[] bytes = new byte[length];
      file.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      StringBuilder text = new StringBuilder();
      for (String line : lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size())) {
        // time, stream, tag, then the words
        String[] parts = line.split(" ", 4);
        text.append(parts.length == 4 ? parts[3] : line).append('\n');
      }
      return text.substring(Math.max(0, text.length() - MAX_BYTES));
    } catch (IOException _) {
      // No log is no message.
      return "";
    }
  }
}
