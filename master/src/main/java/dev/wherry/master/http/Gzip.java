package dev.wherry.master.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Compression of large answers, where the client takes it. Stateless. */
final class Gzip {
  /** Below this it costs more time than it saves (as Kubernetes has it). */
  private static final int MIN_BYTES = 128 * 1024;

  private Gzip() {}

  static boolean isWanted(ApiRequest request) {
    for (MediaType choice : MediaType.list(request.header("accept-encoding"))) {
      if (choice.type().equals("gzip")) {
        return !choice.parameter("q").equals("0");
      }
    }
    return false;
  }

  static Answer compressed(ApiRequest request, Answer answer) {
    if (answer.body().length < MIN_BYTES || !isWanted(request)) {
      return answer;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(answer.body().length / 8);
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Answer(answer.code(), answer.contentType(), bytes.toByteArray(), answer.headers())
        .with("content-encoding", "gzip")
        .with("vary", "Accept-Encoding");
  }
}
