package dev.wherry.agent.ingress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What of a message's headers goes on to the other side (RFC 9110, 7.6; RFC 9112, 6). Pure, but
 * that it changes the headers that it is given.
 */
final class Hygiene {
  private static final List<String> HOP_BY_HOP =
      List.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "upgrade",
          "http2-settings");

  /** Set by this proxy, whatever a client says: a backend believes them. */
  private static final List<String> FORWARDED =
      List.of(
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-real-ip",
          "x-scheme",
          "forwarded");

  private Hygiene() {}

  /** Who asks, and how. */
  record Client(String address, String scheme, int port) {}

  /** Why a request is refused: it could be read differently by the server behind this one. */
  static Optional<String> refusal(HttpRequest request) {
    HttpHeaders headers = request.headers();
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || hosts.isEmpty() && request.protocolVersion().minorVersion() > 0) {
      return Optional.of("exactly one Host header is needed");
    }
    List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (!encodings.isEmpty()) {
      if (encodings.size() > 1
          || !encodings.getFirst().strip().equalsIgnoreCase("chunked")
          || request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
        return Optional.of("the only transfer coding is chunked");
      }
      if (!lengths.isEmpty()) {
        return Optional.of("both a length and a transfer coding");
      }
    }
    if (lengths.size() > 1 || lengths.size() == 1 && !isNumber(lengths.getFirst())) {
      return Optional.of("no single content length");
    }
    return Optional.empty();
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() < 19
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** Whether the client asks to speak WebSocket from now on. */
  static boolean isWebSocket(HttpRequest request) {
    return request.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
        && "websocket".equalsIgnoreCase(request.headers().get(HttpHeaderNames.UPGRADE));
  }

  /** Makes a request the one for its backend. */
  static void toBackend(
      HttpRequest request, RequestTarget target, Client client, Route route, Upgrade upgrade) {
    HttpHeaders headers = request.headers();
    String host = headers.get(HttpHeaderNames.HOST, "");
    fields(headers, client, host, upgrade);
    if (!route.options().upstreamHost().isEmpty()) {
      headers.set(HttpHeaderNames.HOST, route.options().upstreamHost());
    }
    if (!route.options().forwardedPrefix().isEmpty()) {
      headers.set("X-Forwarded-Prefix", route.options().forwardedPrefix());
    }
    request.setUri(route.rewrite(target.path(), target.query()));
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
  }

  private static void fields(HttpHeaders headers, Client client, String host, Upgrade upgrade) {
    boolean trailers = headers.containsValue(HttpHeaderNames.TE, "trailers", true);
    dropHopByHop(headers);
    FORWARDED.forEach(headers::remove);
    headers.remove(HttpHeaderNames.EXPECT); // answered here
    List<String> extensions = new ArrayList<>();
    for (String name : headers.names()) {
      if (name.toLowerCase(Locale.ROOT).startsWith("x-http2-")) {
        extensions.add(name);
      }
    }
    extensions.forEach(headers::remove);
    headers.set("X-Forwarded-For", client.address());
    headers.set("X-Real-IP", client.address());
    headers.set("X-Forwarded-Proto", client.scheme());
    headers.set("X-Forwarded-Host", host);
    headers.set("X-Forwarded-Port", String.valueOf(client.port()));
    if (trailers) {
      headers.set(HttpHeaderNames.TE, "trailers"); // gRPC asks for them
    }
    if (upgrade == Upgrade.WEBSOCKET) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, "websocket");
    }
  }

  /** Whether a list of names, with commas between them, has one, in whatever case. */
  static boolean names(String list, String name) {
    int from = 0;
    while (from <= list.length()) {
      int comma = list.indexOf(',', from);
      int to = comma < 0 ? list.length() : comma;
      if (list.substring(from, to).strip().equalsIgnoreCase(name)) {
        return true;
      }
      from = to + 1;
    }
    return false;
  }

  /** What a connection becomes after its request. */
  enum Upgrade {
    NONE,
    WEBSOCKET
  }

  /** Takes out what is about the connection and not the message. */
  static void dropHopByHop(HttpHeaders headers) {
    for (String line : headers.getAll(HttpHeaderNames.CONNECTION)) {
      for (String name : line.split(",")) {
        String named = name.strip().toLowerCase(Locale.ROOT);
        // Nobody may name away what frames the message or what this proxy says.
        if (!named.isEmpty()
            && !named.equals("content-length")
            && !named.equals("transfer-encoding")
            && !named.equals("host")
            && !named.equals("close")) {
          headers.remove(named);
        }
      }
    }
    HOP_BY_HOP.forEach(headers::remove);
  }
}
