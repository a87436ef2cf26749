package dev.wherry.master.http;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer to a request. Immutable; the body is not to be changed.
 *
 * @param streamed the body where it is large, else {@link #WHOLE}
 */
record Answer(
    int code, String contentType, byte[] body, Streamed streamed, Map<String, String> headers) {
  /** A body that is made while it is sent, so that it is never whole in memory. */
  @FunctionalInterface
  interface Streamed {
    void writeTo(OutputStream out) throws IOException;
  }

  /** The body is there as bytes. */
  private static final Streamed WHOLE = _ -> {};

  static final String JSON = "application/json";
  static final String TEXT = "text/plain; charset=utf-8";

  /** Seconds after which a client that was turned away may come again. */
  private static final long RETRY_AFTER_SECONDS = 1;

  Answer(int code, String contentType, byte[] body) {
    this(code, contentType, body, Map.of());
  }

  Answer(int code, String contentType, byte[] body, Map<String, String> headers) {
    this(code, contentType, body, WHOLE, headers);
  }

  /** One whose body is this tree, written as it is sent. */
  static Answer large(int code, Obj tree) {
    return large(code, out -> Json.write(tree, out));
  }

  /** One in JSON whose body is written as it is sent. */
  static Answer large(int code, Streamed body) {
    return new Answer(code, JSON, new byte[0], body, Map.of());
  }

  boolean isStreamed() {
    return streamed != WHOLE;
  }

  static Answer json(int code, Obj object) {
    return new Answer(code, JSON, Json.write(object));
  }

  static Answer text(int code, String text) {
    return new Answer(code, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The {@code Status} of a failure, in JSON. */
  static Answer of(StatusException failure) {
    return headed(failure, json(failure.reason().code(), failure.toStatus()));
  }

  /** As {@link #of(StatusException)}, in protobuf or YAML where the Accept header prefers it. */
  static Answer of(StatusException failure, String accept) {
    String preferred = MediaType.list(accept).getFirst().type();
    int code = failure.reason().code();
    return switch (preferred) {
      case KubernetesProtobuf.CONTENT_TYPE ->
          headed(
              failure, new Answer(code, preferred, KubernetesProtobuf.encode(failure.toStatus())));
      case "application/yaml" ->
          headed(failure, new Answer(code, preferred, Yaml.write(failure.toStatus())));
      default -> of(failure);
    };
  }

  private static Answer headed(StatusException failure, Answer answer) {
    return switch (failure.reason()) {
      case TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE -> retried(answer, failure.details());
      case UNAUTHORIZED -> answer.with("www-authenticate", "Basic realm=\"kubernetes-master\"");
      case BAD_REQUEST,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          NOT_ACCEPTABLE,
          ALREADY_EXISTS,
          CONFLICT,
          EXPIRED,
          GONE,
          REQUEST_ENTITY_TOO_LARGE,
          UNSUPPORTED_MEDIA_TYPE,
          INVALID,
          INTERNAL_ERROR,
          TIMEOUT ->
          answer;
    };
  }

  /** The header that has clients try again by themselves, unless the failure leaves it to them. */
  private static Answer retried(Answer answer, Obj details) {
    long seconds = details.number("retryAfterSeconds", RETRY_AFTER_SECONDS);
    return seconds == 0 ? answer : answer.with("retry-after", Long.toString(seconds));
  }

  /** The same with another body. */
  Answer with(byte[] other) {
    return new Answer(code, contentType, other, WHOLE, headers);
  }

  /** The same with a body that is made while it is sent. */
  Answer with(Streamed other) {
    return new Answer(code, contentType, new byte[0], other, headers);
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(code, contentType, body, streamed, more);
  }
}
