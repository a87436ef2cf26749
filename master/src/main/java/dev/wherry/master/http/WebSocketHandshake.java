package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The opening handshake of a WebSocket (RFC 6455, 4.2.2). Pure. */
final class WebSocketHandshake {
  static final String PROTOCOL = "sec-websocket-protocol";
  private static final String VERSION = "13";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  /**
   * The headers of the answer.
   *
   * @param protocol that was agreed on; empty where none was asked for
   * @throws StatusException BAD_REQUEST when the request lacks its key or is of another version
   */
  static Map<String, String> answer(ApiRequest request, String protocol) {
    String key = request.header("sec-websocket-key");
    if (key.isEmpty() || !request.header("sec-websocket-version").equals(VERSION)) {
      throw StatusException.badRequest("a WebSocket of version " + VERSION + " is needed");
    }
    String accepted = accept(key);
    return protocol.isEmpty()
        ? Map.of("upgrade", "websocket", "sec-websocket-accept", accepted)
        : Map.of("upgrade", "websocket", "sec-websocket-accept", accepted, PROTOCOL, protocol);
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
