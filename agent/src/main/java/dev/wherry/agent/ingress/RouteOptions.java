package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Destination.Endpoints;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What an Ingress's annotations ask for. Immutable.
 *
 * @param ingress whose annotations these are
 * @param obstacle why no request is led anywhere; empty: nothing speaks against it
 * @param rewriteTarget the path that the backend sees, with {@code $1} for groups of the path's
 *     expression; empty: as it came
 * @param regex whether paths are regular expressions, which they are too where a rewrite speaks of
 *     their groups
 * @param upstreamHost the host that backends are asked for; empty: the client's
 * @param forwardedPrefix what backends are told that their paths began with; empty: nothing
 * @param maxBodyBytes larger requests are refused with 413
 * @param connectTimeout how long connecting to a backend may take
 * @param silence how long nothing may come from either side of a request
 * @param protocol what backends speak; empty: what the service's port says
 * @param protection whom the routes are for
 * @param cors what other origins' pages may do; empty: what backends say
 * @param cookie what keeps clients at their backends; empty: nothing
 * @param aliases more hosts that the rules are for, where nobody else serves them
 * @param canary whether it asks for a part of another Ingress's requests, which it does not get
 * @param complaints of annotations that ask for what is not done
 * @param isPlain whether a request needs nothing but to be led to a backend
 */
record RouteOptions(
    ObjectKey ingress,
    String obstacle,
    RedirectOptions redirects,
    String rewriteTarget,
    boolean regex,
    String upstreamHost,
    String forwardedPrefix,
    long maxBodyBytes,
    Duration connectTimeout,
    Duration silence,
    Optional<BackendProtocol> protocol,
    BackendTls tls,
    Protection protection,
    Optional<Cors> cors,
    Optional<StickyCookie> cookie,
    List<String> aliases,
    boolean canary,
    List<String> complaints,
    boolean isPlain) {
  static final long DEFAULT_MAX_BODY_BYTES = 1L << 30;
  static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
  static final Duration DEFAULT_SILENCE = Duration.ofSeconds(60);

  /** As much as nginx takes. */
  private static final Duration MAX_CONNECT_TIMEOUT = Duration.ofSeconds(75);

  private static final Duration MAX_SILENCE = Duration.ofDays(1);

  /** Who asks for one of these relies on nobody passing without it. */
  private static final List<String> GUARDS =
      List.of("auth-url", "auth-tls-secret", "enable-modsecurity");

  /** Bodies go through as they come, in HTTP/1.1 where nothing else is said, and are not logged. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "proxy-buffering",
          "proxy-request-buffering",
          "proxy-buffer-size",
          "proxy-buffers-number",
          "proxy-busy-buffers-size",
          "proxy-max-temp-file-size",
          "client-body-buffer-size",
          "enable-access-log",
          "enable-rewrite-log");

  static RouteOptions of(Obj ingress) {
    IngressAnnotations annotations = IngressAnnotations.of(ingress);
    annotations.pass(WITHOUT_EFFECT);
    String obstacle = guard(annotations);
    BackendTls tls = BackendTls.DEFAULT;
    Protection protection = Protection.NONE;
    try {
      tls = tls(annotations);
      protection = Protection.of(annotations);
    } catch (IllegalArgumentException e) {
      obstacle = String.valueOf(e.getMessage());
    }
    String rewriteTarget = annotations.text("rewrite-target");
    String upstreamHost = host(annotations, "upstream-vhost");
    String prefix = forwardedPrefix(annotations);
    Optional<Cors> cors =
        annotations.flag("enable-cors", false)
            ? Optional.of(Cors.of(annotations))
            : Optional.empty();
    Optional<StickyCookie> cookie = cookie(annotations);
    boolean plain =
        obstacle.isEmpty()
            && rewriteTarget.isEmpty()
            && upstreamHost.isEmpty()
            && prefix.isEmpty()
            && protection.isNone()
            && cors.isEmpty()
            && cookie.isEmpty();
    return new RouteOptions(
        ObjectKey.of(ingress),
        obstacle,
        RedirectOptions.of(annotations),
        rewriteTarget,
        annotations.flag("use-regex", false) || PathExpression.hasGroups(rewriteTarget),
        upstreamHost,
        prefix,
        annotations.bytes("proxy-body-size", DEFAULT_MAX_BODY_BYTES),
        seconds(annotations, "proxy-connect-timeout", MAX_CONNECT_TIMEOUT)
            .orElse(DEFAULT_CONNECT_TIMEOUT),
        silence(annotations),
        protocol(annotations),
        tls,
        protection,
        cors,
        cookie,
        annotations.list("server-alias"),
        annotations.flag("canary", false),
        annotations.complaints(),
        plain);
  }

  /** Both directions are watched together, so that the longer wish counts. */
  private static Duration silence(IngressAnnotations annotations) {
    return Stream.of("proxy-read-timeout", "proxy-send-timeout")
        .flatMap(name -> seconds(annotations, name, MAX_SILENCE).stream())
        .max(Comparator.naturalOrder())
        .orElse(DEFAULT_SILENCE);
  }

  private static Optional<Duration> seconds(
      IngressAnnotations annotations, String name, Duration most) {
    long seconds = annotations.number(name, 1, most.toSeconds(), 0);
    return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  private static Optional<StickyCookie> cookie(IngressAnnotations annotations) {
    String affinity = annotations.text("affinity");
    if (affinity.equals("cookie")) {
      return Optional.of(StickyCookie.of(annotations));
    }
    if (!affinity.isEmpty()) {
      annotations.complain("affinity", "must be cookie");
    }
    return Optional.empty();
  }

  /** What these backends speak. */
  BackendProtocol protocol(Endpoints backends) {
    return protocol.or(backends::protocol).orElse(BackendProtocol.HTTP);
  }

  private static String guard(IngressAnnotations annotations) {
    for (String name : GUARDS) {
      if (annotations.has(name) && !annotations.text(name).equals("false")) {
        annotations.complain(name, "is not supported: no request is led anywhere without it");
        return "its routes ask for protection that is not supported";
      }
    }
    return "";
  }

  private static Optional<BackendProtocol> protocol(IngressAnnotations annotations) {
    String name = "backend-protocol";
    try {
      return annotations.has(name)
          ? Optional.of(BackendProtocol.named(annotations.text(name)))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      annotations.complain(name, "must be HTTP, HTTPS, GRPC, GRPCS or AUTO_HTTP");
      return Optional.empty();
    }
  }

  private static BackendTls tls(IngressAnnotations annotations) {
    return new BackendTls(
        annotations.secret("proxy-ssl-secret"),
        annotations.flag("proxy-ssl-verify", false),
        host(annotations, "proxy-ssl-name"),
        annotations.flag("proxy-ssl-server-name", false));
  }

  /** A host and maybe a port: what would read as anything more is not sent to a backend. */
  private static String host(IngressAnnotations annotations, String name) {
    String text = annotations.text(name);
    boolean host =
        text.length() < 256
            && text.chars()
                .allMatch(
                    c -> Character.isLetterOrDigit(c) && c < 0x80 || "-._:[]".indexOf(c) >= 0);
    if (!host) {
      annotations.complain(name, "must be a host's name");
    }
    return host ? text : "";
  }

  private static String forwardedPrefix(IngressAnnotations annotations) {
    String name = "x-forwarded-prefix";
    String text = annotations.text(name);
    boolean visible = text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    if (!visible) {
      annotations.complain(name, "must be a path");
    }
    return visible ? text : "";
  }
}
