package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import dev.wherry.agent.ingress.Protection.Login;
import dev.wherry.agent.ingress.Protection.Rate;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Lets clients through to an Ingress's routes, as it asks. Thread-safe. */
final class Gate {
  private final RateLimits limits;
  private final Logins logins;
  private final Complaints complaints;

  Gate(RateLimits limits, Logins logins, Complaints complaints) {
    this.limits = limits;
    this.logins = logins;
    this.complaints = complaints;
  }

  /** Whether a client passes. */
  sealed interface Outcome {
    /** It is known. */
    sealed interface Decided extends Outcome {}

    record Open() implements Decided {}

    record Closed(OwnAnswer answer) implements Decided {}

    /** Is not known yet; never fails. */
    record Unsure(CompletableFuture<Decided> known) implements Outcome {}
  }

  private static Outcome.Decided closed(HttpResponseStatus status, String why) {
    return new Outcome.Closed(OwnAnswer.refusal(status, why));
  }

  /** Asks once for a request with these fields; a user's name and password go no further. */
  Outcome ask(HttpHeaders fields, Client client, RouteOptions options) {
    Protection wanted = options.protection();
    if (wanted.isNone()) {
      return new Outcome.Open();
    }
    Ip from = Ip.parse(client.address());
    boolean allowed = wanted.allowed().isEmpty() || isAmong(from, wanted.allowed());
    if (!allowed || isAmong(from, wanted.denied())) {
      return closed(HttpResponseStatus.FORBIDDEN, "this address is not let in");
    }
    if (wanted.rate().isPresent()) {
      Rate rate = wanted.rate().get();
      boolean fits =
          isAmong(from, rate.exempt()) || limits.take(options.ingress(), client.address(), rate);
      if (!fits) {
        return closed(HttpResponseStatus.SERVICE_UNAVAILABLE, "too many requests");
      }
    }
    return wanted.login().isEmpty()
        ? new Outcome.Open()
        : login(fields, wanted.login().get(), options);
  }

  private Outcome login(HttpHeaders fields, Login login, RouteOptions options) {
    String authorization = fields.get(HttpHeaderNames.AUTHORIZATION, "");
    fields.remove(HttpHeaderNames.AUTHORIZATION);
    return switch (logins.check(login, authorization)) {
      case Logins.Knowledge.Sure sure -> decided(sure, login, options);
      case Logins.Knowledge.Later(var known) ->
          new Outcome.Unsure(known.thenApply(sure -> decided(sure, login, options)));
    };
  }

  private Outcome.Decided decided(Logins.Knowledge.Sure sure, Login login, RouteOptions options) {
    return switch (sure) {
      case Logins.Knowledge.Right() -> new Outcome.Open();
      case Logins.Knowledge.Wrong() ->
          new Outcome.Closed(
              OwnAnswer.refusal(HttpResponseStatus.UNAUTHORIZED, "who are you?")
                  .with("WWW-Authenticate", "Basic realm=\"" + login.realm() + "\""));
      case Logins.Knowledge.NoUsers() -> {
        complaints.tell(
            options.ingress(),
            "Login",
            "Secret " + login.secret() + " with its users is missing: nobody is let in");
        yield closed(HttpResponseStatus.SERVICE_UNAVAILABLE, "its users are not known");
      }
    };
  }

  private static boolean isAmong(Ip address, List<Cidr> ranges) {
    for (Cidr each : ranges) {
      if (each.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
