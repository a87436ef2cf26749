package dev.wherry.agent.endpoint;

import dev.wherry.agent.runtime.ContainerStreams.NoSuchContainerException;
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

  /**
   * Writes itself, the head with the body's first byte: a body that fails before it has any is told
   * as 400 with its words.
   */
  void writeTo(OutputStream out, String method) throws IOException, InterruptedException {
    HeadFirst whole = new HeadFirst(out, head());
    try {
      if (!method.equals("HEAD")) {
        body.writeTo(whole);
      }
      whole.begin();
    } catch (NoSuchContainerException e) {
      if (whole.begun) {
        throw e;
      }
      text(400, e.getMessage() + "\n").writeTo(out, method);
    }
    out.flush();
  }

  private String head() {
    return "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"
        .formatted(status, reason(status), type);
  }

  /** Confined to one thread. */
  private static final class HeadFirst extends OutputStream {
    private final OutputStream out;
    private final String head;
    private boolean begun;

    HeadFirst(OutputStream out, String head) {
      this.out = out;
      this.head = head;
    }

    void begin() throws IOException {
      if (!begun) {
        begun = true;
        out.write(head.getBytes(StandardCharsets.US_ASCII));
      }
    }

    @Override
    public void write(int b) throws IOException {
      begin();
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      begin();
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
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
