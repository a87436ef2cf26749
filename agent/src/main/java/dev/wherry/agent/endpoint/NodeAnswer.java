package dev.wherry.agent.endpoint;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** An answer of HTTP/1.1, after which the connection ends. */
record NodeAnswer(int status, String type, Body body) {
  static final String TEXT = "text/plain; charset=utf-8";

  /** Writes itself to the end; its length is not known before. */
  interface Body {
    void writeTo(OutputStream out) throws IOException, InterruptedException;
  }

  static NodeAnswer text(int status, String text) {
    return bytes(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static NodeAnswer typed(String type, String text) {
    return bytes(200, type, text.getBytes(StandardCharsets.UTF_8));
  }

  static NodeAnswer json(Obj json) {
    return bytes(200, "application/json", Json.write(json));
  }

  static NodeAnswer notFound() {
    return text(404, "404 page not found\n");
  }

  private static NodeAnswer bytes(int status, String type, byte[] bytes) {
    return new NodeAnswer(status, type, out -> out.write(bytes));
  }

  void writeTo(OutputStream out, String method) throws IOException, InterruptedException {
    String head =
        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"
            .formatted(status, reason(status), type);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    if (!method.equals("HEAD")) {
      body.writeTo(out);
    }
    out.flush();
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      default -> "Internal Server Error";
    };
  }
}
