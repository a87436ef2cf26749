package dev.wherry.master.access;

import dev.wherry.api.tree.Json;
import java.util.List;
import java.util.Map;

/**
 * The headers by which a proxy in front of the API says whose request it brings (Kubernetes:
 * Authenticating Proxy), as the config map {@code extension-apiserver-authentication} tells them.
 */
public final class FrontProxyHeaders {
  public static final String USER = "X-Remote-User";
  public static final String UID = "X-Remote-Uid";
  public static final String GROUP = "X-Remote-Group";

  /** Before the key, which is escaped as in a URL. */
  public static final String EXTRA_PREFIX = "X-Remote-Extra-";

  private FrontProxyHeaders() {}

  /**
   * What servers behind the API need to know of it.
   *
   * @param caPem of the proxies' authority
   * @param clientName the common name that a proxy's certificate has
   */
  static Map<String, String> documented(String caPem, String clientName) {
    return Map.of(
        "requestheader-client-ca-file",
        caPem,
        "requestheader-allowed-names",
        list(clientName),
        "requestheader-username-headers",
        list(USER),
        "requestheader-uid-headers",
        list(UID),
        "requestheader-group-headers",
        list(GROUP),
        "requestheader-extra-headers-prefix",
        list(EXTRA_PREFIX));
  }

  private static String list(String only) {
    return Json.text(List.of(only));
  }
}
