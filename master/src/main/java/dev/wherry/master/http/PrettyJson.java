package dev.wherry.master.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * JSON on many lines, for people: where the query parameter {@code pretty} asks for it, or the
 * program is a browser or a tool of the command line (Kubernetes API reference, common parameters).
 * Stateless.
 */
final class PrettyJson {
  private static final List<String> PROGRAMS_OF_PEOPLE = List.of("curl", "Wget", "Mozilla/5.0");

  private PrettyJson() {}

  static boolean isWanted(ApiRequest request) {
    return request.query().has("pretty")
        ? request.query().flag("pretty")
        : isWantedBy(request.header("user-agent"));
  }

  /** Whether people look at what this program gets. */
  static boolean isWantedBy(String userAgent) {
    return PROGRAMS_OF_PEOPLE.stream().anyMatch(userAgent::startsWith);
  }

  /** The answer with its JSON on many lines; every other answer as it is. */
  static Answer printed(Answer answer) {
    if (!answer.contentType().equals(Answer.JSON)) {
      return answer;
    }
    if (answer.isStreamed()) {
      Answer.Streamed body = answer.streamed();
      return answer.with(out -> body.writeTo(new IndentedJson(out)));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * answer.body().length);
    try (IndentedJson out = new IndentedJson(bytes)) {
      out.write(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer.with(bytes.toByteArray());
  }
}
