package dev.wherry.master.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A bearer token among the protocols of a WebSocket's handshake: browsers can set no header
 * (Kubernetes' {@code base64url.bearer.authorization.k8s.io.}).
 */
final class WebSocketToken {
  private static final String PREFIX = "base64url.bearer.authorization.k8s.io.";

  private WebSocketToken() {}

  /** The token in this header's value; text that is no base64 counts as none. */
  static Optional<String> in(String header) {
    for (String protocol : header.split(",", -1)) {
      String name = protocol.strip();
      if (name.startsWith(PREFIX)) {
        try {
          byte[] token = Base64.getUrlDecoder().decode(name.substring(PREFIX.length()));
          return Optional.of(new String(token, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
