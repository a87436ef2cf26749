package dev.wherry.agent.logs;

import dev.wherry.agent.logs.PodLogs.Source;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * One line of a container's log file, in CRI's logging format ({@code time stream tag text}, tag F
 * for a whole line and P for a part that the next one goes on with) or as Docker's json-file driver
 * writes it. Valid while nobody changes {@code bytes}.
 *
 * @param timeEnd the time is the bytes from {@code start} to here
 * @param textStart the text is the bytes from here to {@code end}
 */
record LogLine(
    byte[] bytes, int start, int timeEnd, Source source, boolean partial, int textStart, int end) {
  private static final String UTC = "+00:00";

  /** Of the bytes from {@code start} to before {@code end}; empty when they are no such line. */
  static Optional<LogLine> parse(byte[] bytes, int start, int end) {
    return start < end && bytes[start] == '{'
        ? ofJson(new String(bytes, start, end - start, StandardCharsets.UTF_8))
        : ofCri(bytes, start, end);
  }

  private static Optional<LogLine> ofCri(byte[] bytes, int start, int end) {
    int time = space(bytes, start, end);
    int stream = time < 0 ? -1 : space(bytes, time + 1, end);
    int tag = stream < 0 ? -1 : space(bytes, stream + 1, end);
    if (tag < 0) {
      return Optional.empty();
    }
    Source source = bytes[time + 4] == 'e' ? Source.STDERR : Source.STDOUT; // std_e_rr
    boolean partial = bytes[stream + 1] == 'P';
    return Optional.of(new LogLine(bytes, start, time, source, partial, tag + 1, end));
  }

  private static int space(byte[] bytes, int from, int end) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  private static Optional<LogLine> ofJson(String line) {
    Obj json;
    try {
      json = Json.read(line);
    } catch (MalformedTreeException _) {
      return Optional.empty();
    }
    String text = json.string("log");
    boolean partial = !text.endsWith("\n");
    String head = json.string("time") + " " + json.string("stream") + (partial ? " P " : " F ");
    byte[] cri =
        (head + (partial ? text : text.substring(0, text.length() - 1)))
            .getBytes(StandardCharsets.UTF_8);
    return ofCri(cri, 0, cri.length);
  }

  /** As kubelet shows it: with a {@code Z} for UTC. */
  String timeText() {
    String text = new String(bytes, start, timeEnd - start, StandardCharsets.US_ASCII);
    return text.endsWith(UTC) ? text.substring(0, text.length() - UTC.length()) + "Z" : text;
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
