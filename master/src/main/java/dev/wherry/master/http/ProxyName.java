package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;

/**
 * The name in the path of a {@code proxy} subresource: {@code NAME}, {@code NAME:PORT} or {@code
 * SCHEME:NAME:PORT} (Kubernetes, access services running on clusters). Immutable.
 *
 * @param port a number or a port's name; empty where none is given
 */
record ProxyName(Scheme scheme, String name, String port) {
  /** How the target is spoken to. */
  enum Scheme {
    HTTP(80),
    HTTPS(443);

    private final int defaultPort;

    Scheme(int defaultPort) {
      this.defaultPort = defaultPort;
    }

    int defaultPort() {
      return defaultPort;
    }
  }

  /**
   * Reads the name.
   *
   * @throws StatusException BAD_REQUEST when it is none
   */
  static ProxyName parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length == 3) {
      return new ProxyName(scheme(text, parts[0]), parts[1], parts[2]);
    }
    if (parts.length > 3 || parts[0].isEmpty()) {
      throw invalid(text);
    }
    return new ProxyName(Scheme.HTTP, parts[0], parts.length == 2 ? parts[1] : "");
  }

  private static Scheme scheme(String text, String scheme) {
    return switch (scheme) {
      case "", "http" -> Scheme.HTTP;
      case "https" -> Scheme.HTTPS;
      default -> throw invalid(text);
    };
  }

  /** The port's number; that of the scheme where no port is given. */
  int number() {
    if (port.isEmpty()) {
      return scheme.defaultPort();
    }
    try {
      int number = Integer.parseInt(port);
      if (number > 0 && number <= 65535) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw invalid(name + ":" + port);
    }
    throw invalid(name + ":" + port);
  }

  private static StatusException invalid(String text) {
    return StatusException.badRequest("invalid proxy request \"" + text + "\"");
  }
}
