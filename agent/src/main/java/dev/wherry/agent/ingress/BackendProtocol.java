package dev.wherry.agent.ingress;

import java.util.Locale;
import java.util.Optional;

/** What a backend speaks, in the words that Ingresses' {@code backend-protocol} has for it. */
enum BackendProtocol {
  /** HTTP/1.1 in clear text. */
  HTTP,
  /** HTTP/1.1 over TLS. */
  HTTPS,
  /** HTTP/2 in clear text, without asking first (RFC 9113, 3.3). */
  GRPC,
  /** HTTP/2 over TLS. */
  GRPCS,
  /** HTTP/1.1, over TLS for clients that came by TLS themselves. */
  AUTO_HTTP;

  /**
   * The protocol of an annotation.
   *
   * @throws IllegalArgumentException when it is none of these words, in whatever case
   */
  static BackendProtocol named(String word) {
    return valueOf(word.strip().toUpperCase(Locale.ROOT));
  }

  /**
   * What a service's port says by its {@code appProtocol}: Kubernetes' own names, and those of IANA
   * (RFC 6335). Empty for others, which say nothing about HTTP.
   */
  static Optional<BackendProtocol> ofPort(String appProtocol) {
    return switch (appProtocol) {
      case "http", "ws", "kubernetes.io/ws" -> Optional.of(HTTP);
      case "https", "wss", "kubernetes.io/wss" -> Optional.of(HTTPS);
      case "h2c", "grpc", "kubernetes.io/h2c", "kubernetes.io/grpc" -> Optional.of(GRPC);
      case "grpcs" -> Optional.of(GRPCS);
      default -> Optional.empty();
    };
  }

  boolean isHttp2() {
    return this == GRPC || this == GRPCS;
  }

  /**
   * Whether TLS is spoken.
   *
   * @param scheme that the client came by
   */
  boolean isSecure(String scheme) {
    return this == HTTPS || this == GRPCS || this == AUTO_HTTP && scheme.equals("https");
  }
}
