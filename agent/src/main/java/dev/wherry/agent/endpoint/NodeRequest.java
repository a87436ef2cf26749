package dev.wherry.agent.endpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The head of a request of HTTP/1.1; bodies are not read. Immutable.
 *
 * @param path decoded, without the first slash
 */
record NodeRequest(String method, String path, Map<String, String> query) {
  private static final int MAX_HEAD_BYTES = 32 * 1024;

  /**
   * Reads it.
   *
   * @throws EOFException when the stream ends before it is whole
   */
  static NodeRequest read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder(256);
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the request ended inside its head");
      }
      if (head.length() == MAX_HEAD_BYTES) {
        throw new IOException("the request's head is longer than " + MAX_HEAD_BYTES + " bytes");
      }
      head.append((char) b);
    }
    String[] line = head.substring(0, head.indexOf("\r\n")).split(" ");
    if (line.length != 3) {
      throw new IOException("no request line: " + String.join(" ", line));
    }
    return of(line[0], line[1]);
  }

  static NodeRequest of(String method, String target) {
    int mark = target.indexOf('?');
    String path = decoded((mark < 0 ? target : target.substring(0, mark)).replace("+", "%2B"));
    Map<String, String> query = new HashMap<>();
    if (mark >= 0) {
      for (String each : target.substring(mark + 1).split("&")) {
        int equals = each.indexOf('=');
        String name = decoded(equals < 0 ? each : each.substring(0, equals));
        query.putIfAbsent(name, equals < 0 ? "" : decoded(each.substring(equals + 1)));
      }
    }
    return new NodeRequest(method, path.startsWith("/") ? path.substring(1) : path, query);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name)).filter(each -> !each.isEmpty());
  }

  boolean flag(String name) {
    return parameter(name).filter(each -> each.equals("true") || each.equals("1")).isPresent();
  }
}
