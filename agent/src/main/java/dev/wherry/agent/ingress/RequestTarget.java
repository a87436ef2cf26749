package dev.wherry.agent.ingress;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a request goes, read strictly: what two servers could understand differently is none. Pure.
 *
 * @param host lower case, without a port
 * @param path begins with a slash
 * @param query with its question mark; empty: none
 */
record RequestTarget(String host, String path, String query) {

  /**
   * Empty for a request that is to be refused.
   *
   * @param host the Host header or {@code :authority}
   * @param uri the request line's or {@code :path}
   */
  static Optional<RequestTarget> of(String host, String uri) {
    String rest = uri;
    String authority = host;
    int scheme = uri.indexOf("://");
    if (scheme > 0 && !uri.startsWith("/")) {
      // Absolute form: its authority goes before the header (RFC 9112, 3.2.2).
      int slash = uri.indexOf('/', scheme + 3);
      authority = uri.substring(scheme + 3, slash < 0 ? uri.length() : slash);
      rest = slash < 0 ? "/" : uri.substring(slash);
    }
    Optional<String> name = hostName(authority);
    if (name.isEmpty() || !rest.startsWith("/") || !isVisible(rest)) {
      return Optional.empty();
    }
    int mark = rest.indexOf('?');
    String path = mark < 0 ? rest : rest.substring(0, mark);
    if (!isPlain(path)) {
      return Optional.empty();
    }
    return Optional.of(new RequestTarget(name.get(), path, mark < 0 ? "" : rest.substring(mark)));
  }

  private static Optional<String> hostName(String authority) {
    int colon = authority.startsWith("[") ? authority.indexOf("]:") + 1 : authority.indexOf(':');
    String name = colon > 0 ? authority.substring(0, colon) : authority;
    if (name.isEmpty() || name.length() > 253) {
      return Optional.empty();
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean fine =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-._[]:".indexOf(c) >= 0;
      if (!fine) {
        return Optional.empty();
      }
    }
    String lower = name.toLowerCase(Locale.ROOT);
    return Optional.of(lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower);
  }

  /** A space or a line's end would end the request's line, where HTTP/1.1 goes out; no fragment. */
  private static boolean isVisible(String target) {
    for (int i = 0; i < target.length(); i++) {
      char each = target.charAt(i);
      if (each <= ' ' || each == 0x7f || each == '#' || each > 0xff) {
        return false;
      }
    }
    return true;
  }

  /** Without dot segments, open or encoded. */
  private static boolean isPlain(String path) {
    boolean simple = true;
    for (int i = 0; i < path.length(); i++) {
      char each = path.charAt(i);
      if (each == '\\') {
        return false;
      }
      simple &= each != '.' && each != '%';
    }
    return simple || !hasDots(path);
  }

  private static boolean hasDots(String path) {
    String decoded = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/");
    for (String segment : decoded.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return true;
      }
    }
    return decoded.contains("%00");
  }
}
