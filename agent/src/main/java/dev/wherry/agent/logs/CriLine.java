package dev.wherry.agent.logs;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * One line of a container's log file: {@code time stream tag text} (CRI logging format). The tag is
 * F for a whole line and P for a part that the next one goes on with.
 */
record CriLine(byte[] line, int timeEnd, int textStart, boolean partial) {

  /** Empty when the bytes are no such line. */
  static Optional<CriLine> parse(byte[] line) {
    int time = indexOf(line, 0);
    int stream = time < 0 ? -1 : indexOf(line, time + 1);
    int tag = stream < 0 ? -1 : indexOf(line, stream + 1);
    if (tag < 0) {
      return Optional.empty();
    }
    return Optional.of(new CriLine(line, time, tag + 1, line[stream + 1] == 'P'));
  }

  private static int indexOf(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  String timeText() {
    return new String(line, 0, timeEnd, java.nio.charset.StandardCharsets.US_ASCII);
  }

  /** The epoch where it is no time. */
  Instant time() {
    try {
      return OffsetDateTime.parse(timeText()).toInstant();
    } catch (DateTimeException _) {
      return Instant.EPOCH;
    }
  }
}
