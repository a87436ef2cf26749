package dev.wherry.agent.ingress;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * What an Ingress's annotations ask for. Those of the most common controller are understood by
 * their own names, so that manifests need not change. Immutable.
 *
 * @param ingress whose annotations these are
 * @param sslRedirect whether plain requests for a host with a certificate are sent to HTTPS
 * @param forceSslRedirect the same for a host without one
 * @param redirect where every request is sent; empty: nowhere
 * @param redirectCode 301, 302 ...
 * @param rewriteTarget the path that the backend sees, with {@code $1} for groups of the path's
 *     expression; empty: as it came
 * @param upstreamHost the host that backends are asked for; empty: the client's
 * @param appRoot where {@code /} is sent; empty: nowhere
 * @param regex whether paths are regular expressions, which they are too where a rewrite speaks of
 *     their groups
 * @param maxBodyBytes larger requests are refused with 413
 * @param readTimeout how long a backend may be silent
 * @param backendProtocol HTTP, or GRPC for HTTP/2 in clear text
 */
record RouteOptions(
    ObjectKey ingress,
    boolean sslRedirect,
    boolean forceSslRedirect,
    String redirect,
    int redirectCode,
    String rewriteTarget,
    String upstreamHost,
    String appRoot,
    boolean regex,
    long maxBodyBytes,
    Duration readTimeout,
    BackendProtocol backendProtocol) {
  static final long DEFAULT_MAX_BODY_BYTES = 1L << 30;
  static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration MAX_READ_TIMEOUT = Duration.ofDays(1);
  private static final String NGINX = "nginx.ingress.kubernetes.io/";

  /** How backends are spoken to. */
  enum BackendProtocol {
    HTTP1,
    HTTP2
  }

  static RouteOptions of(Obj ingress) {
    Map<String, String> all = Meta.of(ingress).annotations();
    String permanent = all.getOrDefault(NGINX + "permanent-redirect", "");
    String temporal = all.getOrDefault(NGINX + "temporal-redirect", "");
    String protocol = all.getOrDefault(NGINX + "backend-protocol", "").toUpperCase(Locale.ROOT);
    String rewriteTarget = all.getOrDefault(NGINX + "rewrite-target", "");
    long seconds = number(all.getOrDefault(NGINX + "proxy-read-timeout", ""), 0);
    return new RouteOptions(
        ObjectKey.of(ingress),
        !all.getOrDefault(NGINX + "ssl-redirect", "true").equals("false"),
        all.getOrDefault(NGINX + "force-ssl-redirect", "").equals("true"),
        permanent.isEmpty() ? temporal : permanent,
        permanent.isEmpty()
            ? code(all.getOrDefault(NGINX + "temporal-redirect-code", ""), 302)
            : code(all.getOrDefault(NGINX + "permanent-redirect-code", ""), 301),
        rewriteTarget,
        upstreamHost(all.getOrDefault(NGINX + "upstream-vhost", "")),
        all.getOrDefault(NGINX + "app-root", ""),
        all.getOrDefault(NGINX + "use-regex", "").equals("true")
            || PathExpression.hasGroups(rewriteTarget),
        bytes(all.getOrDefault(NGINX + "proxy-body-size", "")),
        seconds <= 0
            ? DEFAULT_READ_TIMEOUT
            : Duration.ofSeconds(Math.min(seconds, MAX_READ_TIMEOUT.toSeconds())),
        protocol.startsWith("GRPC") ? BackendProtocol.HTTP2 : BackendProtocol.HTTP1);
  }

  /** A host and maybe a port: what would read as anything more is not sent to a backend. */
  private static String upstreamHost(String text) {
    boolean host =
        text.length() < 256
            && text.chars()
                .allMatch(
                    c -> Character.isLetterOrDigit(c) && c < 0x80 || "-._:[]".indexOf(c) >= 0);
    return host ? text : "";
  }

  private static int code(String text, int otherwise) {
    long code = number(text, otherwise);
    return code >= 300 && code <= 308 ? (int) code : otherwise;
  }

  private static long number(String text, long otherwise) {
    try {
      return text.isEmpty() ? otherwise : Long.parseLong(text.strip());
    } catch (NumberFormatException _) {
      return otherwise; // an annotation is a wish: one that cannot be read is not fulfilled
    }
  }

  /** {@code 8m}, {@code 64k}, {@code 1g} or bytes; 0 is no bound. */
  private static long bytes(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    if (lower.isEmpty()) {
      return DEFAULT_MAX_BODY_BYTES;
    }
    int shift =
        switch (lower.charAt(lower.length() - 1)) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          default -> 0;
        };
    String digits = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
    long count = number(digits, -1);
    if (count == 0) {
      return Long.MAX_VALUE;
    }
    return count < 0 || count > Long.MAX_VALUE >> shift ? DEFAULT_MAX_BODY_BYTES : count << shift;
  }
}
