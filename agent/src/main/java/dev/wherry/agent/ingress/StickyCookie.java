package dev.wherry.agent.ingress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;

/**
 * Keeps a client at its backend by a cookie that says which one it is. Immutable.
 *
 * @param attributes behind the cookie's value, with a semicolon before each
 */
record StickyCookie(String name, String attributes) {
  private static final String DEFAULT_NAME = "INGRESSCOOKIE";

  /** What the annotations ask for; only where their affinity is {@code cookie}. */
  static StickyCookie of(IngressAnnotations annotations) {
    StringBuilder attributes = new StringBuilder();
    String path = token(annotations, "session-cookie-path", "/._-~%");
    attributes.append("; Path=").append(path.isEmpty() ? "/" : path);
    String domain = token(annotations, "session-cookie-domain", ".-");
    if (!domain.isEmpty()) {
      attributes.append("; Domain=").append(domain);
    }
    long age = annotations.number("session-cookie-max-age", 0, Integer.MAX_VALUE, 0);
    if (age > 0) {
      attributes.append("; Max-Age=").append(age);
    }
    String sameSite = token(annotations, "session-cookie-samesite", "");
    if (!sameSite.isEmpty()) {
      attributes.append("; SameSite=").append(sameSite);
    }
    if (annotations.flag("session-cookie-secure", false)) {
      attributes.append("; Secure");
    }
    String name = token(annotations, "session-cookie-name", "-_.");
    return new StickyCookie(
        name.isEmpty() ? DEFAULT_NAME : name, attributes.append("; HttpOnly").toString());
  }

  private static String token(IngressAnnotations annotations, String name, String also) {
    String text = annotations.text(name);
    boolean plain =
        text.chars()
            .allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || also.indexOf(c) >= 0));
    if (!plain) {
      annotations.complain(name, "has characters that a cookie cannot have there");
    }
    return plain ? text : "";
  }

  /** Which backend a request with these fields is meant for; -1: none of these. */
  int chosen(HttpHeaders request, List<InetSocketAddress> backends) {
    String value = value(request);
    for (int i = 0; i < backends.size() && !value.isEmpty(); i++) {
      if (value(backends.get(i)).equals(value)) {
        return i;
      }
    }
    return -1;
  }

  /** Tells a client which backend it is at, unless it knows. */
  void mark(HttpHeaders answer, HttpHeaders request, InetSocketAddress backend) {
    String value = value(backend);
    if (!value(request).equals(value)) {
      answer.add(HttpHeaderNames.SET_COOKIE, name + "=" + value + attributes);
    }
  }

  private String value(HttpHeaders request) {
    for (String field : request.getAll(HttpHeaderNames.COOKIE)) {
      for (String each : field.split(";", -1)) {
        String pair = each.strip();
        if (pair.startsWith(name + "=")) {
          return pair.substring(name.length() + 1);
        }
      }
    }
    return "";
  }

  /** An address and its port: who has the cookie is led there by it, and nowhere else. */
  private static String value(InetSocketAddress backend) {
    HexFormat hex = HexFormat.of();
    return hex.formatHex(backend.getAddress().getAddress())
        + hex.toHexDigits((short) backend.getPort());
  }
}
