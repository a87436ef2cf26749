package dev.wherry.agent.logs;

import dev.wherry.agent.logs.PodLogs.Query;
import dev.wherry.agent.logs.PodLogs.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The end of a log as a termination message: at most {@value #MAX_LINES} lines and {@value
 * #MAX_BYTES} bytes (v1.Container, FallbackToLogsOnError).
 */
public final class LastWords {
  private static final int MAX_BYTES = 2048;
  private static final int MAX_LINES = 80;

  private LastWords() {}

  /** Empty where there is no log. */
  public static String of(Path log) {
    Query query =
        new Query(
            "",
            false,
            false,
            false,
            Source.ALL,
            OptionalLong.of(MAX_LINES),
            Optional.empty(),
            OptionalLong.empty());
    Last last = new Last();
    try (LogReader reader = new LogReader(log, query, last)) {
      reader.copy(() -> false);
      return last.text();
    } catch (IOException _) {
      return ""; // no log is no message
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** Keeps the last bytes of what is written to it. */
  private static final class Last extends OutputStream {
    private final byte[] ring = new byte[MAX_BYTES];
    private long count;

    @Override
    public void write(int b) {
      ring[(int) (count++ % MAX_BYTES)] = (byte) b;
    }

    String text() {
      int length = (int) Math.min(count, MAX_BYTES);
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = ring[(int) ((count - length + i) % MAX_BYTES)];
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
