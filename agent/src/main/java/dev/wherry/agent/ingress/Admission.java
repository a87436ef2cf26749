package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Decides what becomes of a request, by its head alone. Thread-safe. */
final class Admission {
  /** Names no host of a rule: what is asked for no host goes to those of any, as nginx has it. */
  private static final String NOBODY = "_";

  private final Gate gate;
  private final int httpsPort;

  /**
   * @param httpsPort where redirects lead; 0: HTTPS is not served
   */
  Admission(Gate gate, int httpsPort) {
    this.gate = gate;
    this.httpsPort = httpsPort;
  }

  /** What becomes of it. */
  sealed interface Verdict {
    /** It is led to a backend of this route. */
    record Led(RequestTarget target, Route route) implements Verdict {}

    /** This proxy answers itself. */
    record Answered(OwnAnswer answer, Rest rest) implements Verdict {}

    /** It is not known yet; never fails. */
    record Awaited(CompletableFuture<Verdict> known) implements Verdict {}
  }

  /** What is done with a body that nobody wants. */
  enum Rest {
    /** Nobody knows where it ends: the connection does. */
    UNREADABLE,
    /** It is thrown away, or the connection ends where that is cheaper. */
    UNWANTED
  }

  private static Verdict refused(HttpResponseStatus status, String why) {
    return new Verdict.Answered(OwnAnswer.refusal(status, why), Rest.UNREADABLE);
  }

  private static Verdict answered(OwnAnswer answer) {
    return new Verdict.Answered(answer, Rest.UNWANTED);
  }

  /** The verdict of a request as it came; what it is admitted by goes no further. */
  Verdict of(HttpRequest request, Client client, IngressRouter router) {
    if (request.decoderResult().isFailure()) {
      return unreadable(request.decoderResult().cause());
    }
    Optional<String> refusal = Hygiene.refusal(request);
    if (refusal.isPresent()) {
      return refused(HttpResponseStatus.BAD_REQUEST, refusal.get());
    }
    if (!request.headers().contains(HttpHeaderNames.HOST)) { // HTTP/1.0, or it was refused
      request.headers().set(HttpHeaderNames.HOST, NOBODY);
    }
    Optional<RequestTarget> target =
        RequestTarget.of(request.headers().get(HttpHeaderNames.HOST, ""), request.uri());
    if (target.isEmpty()) {
      return refused(HttpResponseStatus.BAD_REQUEST, "the target cannot be read");
    }
    Optional<Route> route = router.route(target.get().host(), target.get().path());
    if (route.isEmpty()) {
      return answered(OwnAnswer.refusal(HttpResponseStatus.NOT_FOUND, "no route leads there"));
    }
    return routed(request, client, router, target.get(), route.get());
  }

  private static Verdict unreadable(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ ->
          refused(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the target is too long");
      case TooLongHttpHeaderException _ ->
          refused(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too large");
      default -> refused(HttpResponseStatus.BAD_REQUEST, "the request cannot be read");
    };
  }

  private Verdict routed(
      HttpRequest request, Client client, IngressRouter router, RequestTarget target, Route route) {
    RouteOptions options = route.options();
    if (!options.obstacle().isEmpty()) {
      return answered(
          OwnAnswer.refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, options.obstacle()));
    }
    Optional<Redirect> elsewhere = Redirect.of(route, target, client, router, httpsPort);
    if (elsewhere.isPresent()) {
      return answered(OwnAnswer.redirect(elsewhere.get()));
    }
    if (route.backend().isEmpty()) {
      return answered(
          OwnAnswer.refusal(
              HttpResponseStatus.SERVICE_UNAVAILABLE, "the route's backend is no service"));
    }
    if (HttpUtil.getContentLength(request, 0L) > options.maxBodyBytes()) {
      return refused(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large");
    }
    Optional<Cors> cors = options.cors();
    if (cors.isPresent() && cors.get().isPreflight(request.method().name(), request.headers())) {
      return answered(cors.get().preflight(request.headers()));
    }
    return switch (gate.ask(request.headers(), client, options)) {
      case Gate.Outcome.Decided decided -> past(decided, target, route);
      case Gate.Outcome.Unsure(var known) ->
          new Verdict.Awaited(known.thenApply(decided -> past(decided, target, route)));
    };
  }

  private static Verdict past(Gate.Outcome.Decided gate, RequestTarget target, Route route) {
    return switch (gate) {
      case Gate.Outcome.Open() -> new Verdict.Led(target, route);
      case Gate.Outcome.Closed(var answer) -> answered(answer);
    };
  }
}
