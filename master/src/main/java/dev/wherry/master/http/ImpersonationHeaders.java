package dev.wherry.master.http;

import dev.wherry.master.access.Impersonation;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The headers by which a client asks to be taken for somebody else. */
final class ImpersonationHeaders {
  private static final String EXTRA = "impersonate-extra-";

  private ImpersonationHeaders() {}

  static Impersonation read(HttpHeaders headers) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (String name : headers.names()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith(EXTRA) && !extra.containsKey(lower)) {
        // Keys hold slashes, which headers cannot.
        String key = QueryStringDecoder.decodeComponent(lower.substring(EXTRA.length()));
        extra.put(key, new ArrayList<>(headers.getAll(name)));
      }
    }
    return new Impersonation(
        Objects.requireNonNullElse(headers.get("impersonate-user"), ""),
        Objects.requireNonNullElse(headers.get("impersonate-uid"), ""),
        headers.getAll("impersonate-group"),
        extra);
  }
}
