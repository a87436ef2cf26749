package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What this proxy says to a request itself. Immutable.
 *
 * @param fields without those that frame the answer
 */
record OwnAnswer(HttpResponseStatus status, Map<String, String> fields, String text) {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

  /** A refusal or a failure, and why. */
  static OwnAnswer refusal(HttpResponseStatus status, String why) {
    return new OwnAnswer(status, Map.of(), status.code() + " " + why + "\n");
  }

  static OwnAnswer redirect(Redirect redirect) {
    return new OwnAnswer(redirect.status(), Map.of("Location", redirect.location()), "");
  }

  /** The same with one more field. */
  OwnAnswer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new OwnAnswer(status, more, text);
  }

  FullHttpResponse asResponse() {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, UTF_8));
    fields.forEach((name, value) -> response.headers().set(name, value));
    if (status.code() != HttpResponseStatus.NO_CONTENT.code()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, PLAIN_TEXT);
      HttpUtil.setContentLength(response, response.content().readableBytes());
    }
    return response;
  }

  /** As it stands on a connection in HTTP/1.1 that ends with it. */
  ByteBuf asLastBytes() {
    StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
    fields.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    byte[] body = text.getBytes(UTF_8);
    head.append("Content-Type: ").append(PLAIN_TEXT).append("\r\n");
    head.append("Content-Length: ").append(body.length).append("\r\n");
    head.append("Connection: close\r\n\r\n");
    return Unpooled.wrappedBuffer(head.toString().getBytes(UTF_8), body);
  }
}
