package dev.wherry.master.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Compression of large answers, where the client takes it. Stateless. */
final class Gzip {
  /** Below this it costs more time than it saves (as Kubernetes has it). */
  private static final int MIN_BYTES = 128 * 1024;

  private static final int BUFFER_BYTES = 16 * 1024;

  private Gzip() {}

  static boolean isWanted(ApiRequest request) {
    for (MediaType choice : MediaType.list(request.header("accept-encoding"))) {
      if (choice.type().equals("gzip")) {
        return choice.quality() > 0;
      }
    }
    return false;
  }

  static Answer compressed(ApiRequest request, Answer answer) {
    boolean large = answer.body().length >= MIN_BYTES || answer.isStreamed();
    if (!large || !isWanted(request)) {
      return answer;
    }
    if (answer.isStreamed()) {
      return encoded(answer); // compressed as it is written
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(answer.body().length / 8);
    try (OutputStream out = stream(bytes)) {
      out.write(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return encoded(
        new Answer(answer.code(), answer.contentType(), bytes.toByteArray(), answer.headers()));
  }

  private static Answer encoded(Answer answer) {
    return answer.with("content-encoding", "gzip").with("vary", "Accept, Accept-Encoding");
  }

  /** Compresses quickly rather than well: clients are near, processors small. */
  static OutputStream stream(OutputStream out) throws IOException {
    return new GZIPOutputStream(out, BUFFER_BYTES) {
      {
        def.setLevel(Deflater.BEST_SPEED);
      }
    };
  }
}
