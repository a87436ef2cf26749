package dev.wherry.agent.ingress;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Optional;

/** Where a request is sent instead of being led to a backend. Pure and immutable. */
record Redirect(HttpResponseStatus status, String location) {

  /**
   * What a route says; empty: the request is led to the route's backend.
   *
   * @param scheme that the client came by
   * @param httpsPort 0: HTTPS is not served, and nothing is sent there
   */
  static Optional<Redirect> of(
      Route route, RequestTarget target, String scheme, IngressRouter router, int httpsPort) {
    RedirectOptions options = route.options().redirects();
    if (!options.location().isEmpty()) {
      return Optional.of(
          new Redirect(HttpResponseStatus.valueOf(options.code()), options.location()));
    }
    if (httpsPort != 0 && scheme.equals("http")) {
      boolean wanted =
          options.forceSsl()
              || options.ssl() && router.isSecured(route.options().ingress(), target.host());
      if (wanted) {
        String port = httpsPort == 443 ? "" : ":" + httpsPort;
        return Optional.of(
            new Redirect(
                HttpResponseStatus.PERMANENT_REDIRECT,
                "https://" + target.host() + port + target.path() + target.query()));
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
}
