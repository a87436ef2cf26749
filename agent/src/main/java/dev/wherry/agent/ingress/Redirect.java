package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Optional;

/** Where a request is sent instead of being led to a backend. Pure and immutable. */
record Redirect(HttpResponseStatus status, String location) {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /**
   * What a route says; empty: the request is led to the route's backend.
   *
   * @param client how it came
   * @param httpsPort 0: HTTPS is not served, and nothing is sent there
   */
  static Optional<Redirect> of(
      Route route, RequestTarget target, Client client, IngressRouter router, int httpsPort) {
    Optional<String> host = router.twinOf(target.host());
    if (host.isPresent()) {
      return Optional.of(to(client.scheme(), host.get(), client.port(), target));
    }
    RedirectOptions options = route.options().redirects();
    if (!options.location().isEmpty()) {
      return Optional.of(
          new Redirect(HttpResponseStatus.valueOf(options.code()), options.location()));
    }
    if (httpsPort != 0 && client.scheme().equals("http")) {
      boolean wanted =
          options.forceSsl()
              || options.ssl() && router.isSecured(route.options().ingress(), target.host());
      if (wanted) {
        return Optional.of(to("https", target.host(), httpsPort, target));
      }
    }
    return options.appRoot().isEmpty() || !target.path().equals("/")
        ? Optional.empty()
        : Optional.of(
            new Redirect(
                options.appRoot().startsWith("https://")
                    ? HttpResponseStatus.PERMANENT_REDIRECT
                    : HttpResponseStatus.FOUND,
                options.appRoot()));
  }

  /** The same target elsewhere. */
  private static Redirect to(String scheme, String host, int port, RequestTarget target) {
    boolean usual = port == (scheme.equals("https") ? HTTPS_PORT : HTTP_PORT);
    return new Redirect(
        HttpResponseStatus.PERMANENT_REDIRECT,
        scheme + "://" + host + (usual ? "" : ":" + port) + target.path() + target.query());
  }
}
