package dev.wherry.master.http;

import dev.wherry.master.access.Identity;
import dev.wherry.master.audit.Asked;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.Trail;
import dev.wherry.master.auth.Attributes;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Begins the audit record of requests: says what each wants in the words of the API. Thread-safe.
 */
final class Recording {
  static final String ID_HEADER = "audit-id";

  /** How many addresses of proxies are recorded, and how long an id may be. */
  private static final int MAX_PROXIES = 8;

  private static final int MAX_ID = 64;

  private final Audit audit;
  private final InstantSource clock;

  Recording(Audit audit, InstantSource clock) {
    this.audit = audit;
    this.clock = clock;
  }

  /** Gives the exchange the record of its request. */
  void begin(HttpRequest head, QueryStringDecoder uri, Identity identity, Exchange exchange) {
    Route route = Route.of(uri.path());
    String verb = verb(head.method().name(), route, Query.of(uri));
    Attributes.Target target =
        route instanceof Route.Objects objects
            ? new Attributes.Target.Resource(
                objects.resource(), objects.subresource(), objects.key())
            : new Attributes.Target.Path(uri.path());
    String version = route instanceof Route.Objects objects ? objects.version() : "";
    String id = id(head.headers());
    Trail trail =
        audit.begin(
            new Attributes(identity.name(), identity.groups(), verb, target),
            () ->
                new Asked(
                    id,
                    head.uri(),
                    identity.user(),
                    verb,
                    target,
                    version,
                    addresses(head.headers(), exchange.context().channel().remoteAddress()),
                    text(head.headers(), "user-agent"),
                    clock.instant()));
    exchange.record(trail, id);
  }

  /** The client's own, so that it finds what it did, or a new one. */
  private static String id(HttpHeaders headers) {
    String asked = text(headers, ID_HEADER);
    return asked.isEmpty() || asked.length() > MAX_ID ? UUID.randomUUID().toString() : asked;
  }

  private static String text(HttpHeaders headers, String name) {
    String value = headers.get(name);
    return value == null ? "" : value;
  }

  /** The verb of the API (Kubernetes, Request verbs and authorization). */
  private static String verb(String method, Route route, Query query) {
    if (!(route instanceof Route.Objects objects)) {
      return method.toLowerCase(Locale.ROOT);
    }
    return switch (method) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> objects.isCollection() ? "deletecollection" : "delete";
      default -> !objects.isCollection() ? "get" : query.flag("watch") ? "watch" : "list";
    };
  }

  /** Those that proxies name, then the connection's own. */
  private static List<String> addresses(HttpHeaders headers, SocketAddress remote) {
    List<String> all = new ArrayList<>();
    for (String each : text(headers, "x-forwarded-for").split(",", MAX_PROXIES + 1)) {
      if (all.size() < MAX_PROXIES && isAddress(each.strip())) {
        all.add(each.strip());
      }
    }
    String real = text(headers, "x-real-ip").strip();
    if (!all.contains(real) && isAddress(real)) {
      all.add(real);
    }
    if (remote instanceof InetSocketAddress address && address.getAddress() != null) {
      String own = address.getAddress().getHostAddress();
      if (all.isEmpty() || !all.getLast().equals(own)) {
        all.add(own);
      }
    }
    return all;
  }

  private static boolean isAddress(String text) {
    try {
      return !text.isEmpty() && !InetAddress.ofLiteral(text).getHostAddress().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
