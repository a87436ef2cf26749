package dev.wherry.master.http;

import dev.wherry.master.access.FrontProxyHeaders;
import dev.wherry.master.access.Identity;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Whose request a proxy in front of the API brings, by its headers. Pure. */
final class RemoteUser {
  private static final String AUTHENTICATED = "system:authenticated";
  private static final String EXTRA = FrontProxyHeaders.EXTRA_PREFIX.toLowerCase(Locale.ROOT);
  private static final String ANY = "x-remote-";

  private RemoteUser() {}

  /** Empty when the headers name nobody. To be asked of who proved to be such a proxy alone. */
  static Optional<Identity> of(HttpHeaders headers) {
    String user = text(headers, FrontProxyHeaders.USER);
    if (user.isEmpty()) {
      return Optional.empty();
    }
    List<String> groups = new ArrayList<>(headers.getAll(FrontProxyHeaders.GROUP));
    groups.removeIf(String::isEmpty);
    if (!groups.contains(AUTHENTICATED)) {
      groups.add(AUTHENTICATED);
    }
    return Optional.of(
        new Identity(user, text(headers, FrontProxyHeaders.UID), groups, extra(headers)));
  }

  private static Map<String, List<String>> extra(HttpHeaders headers) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(EXTRA) && name.length() > EXTRA.length()) {
        // Keys hold slashes, which headers cannot.
        String key = QueryStringDecoder.decodeComponent(name.substring(EXTRA.length()));
        extra.computeIfAbsent(key, _ -> new ArrayList<>()).add(header.getValue());
      }
    }
    return extra;
  }

  /** Whether this header says who somebody is; nobody behind the API may believe it. */
  static boolean isHeader(String lowerCaseName) {
    return lowerCaseName.startsWith(ANY);
  }

  private static String text(HttpHeaders headers, String name) {
    return Objects.requireNonNullElse(headers.get(name), "");
  }
}
