package dev.wherry.master.http;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.ResourceDefinition;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/** Answers watches, each on the thread that calls until it ends. Thread-safe. */
final class WatchRequests {
  /** Where the client names no time: between half an hour and an hour, as Kubernetes has it. */
  private static final Duration SHORTEST = Duration.ofMinutes(30);

  private static final int OK = 200;

  private final Entrance entrance;
  private final EncodedEvents encoded;
  private final InstantSource clock;

  WatchRequests(Entrance entrance, InstantSource clock) {
    this.entrance = entrance;
    this.encoded = new EncodedEvents();
    this.clock = clock;
  }

  void serve(
      ApiRequest request, Route.Objects route, ResourceDefinition definition, Exchange exchange)
      throws IOException {
    if (!definition.allows("watch")) {
      throw ObjectRequests.notAllowed();
    }
    Rendering rendering = Rendering.ofWatch(request, definition.groupVersionKind());
    ListOptions options = RequestOptions.list(request.query());
    ObjectKey key = route.key();
    Initial initial = initial(request.query());
    if (initial == Initial.WANTED) {
      options = options.withResourceVersion("");
    }
    Bookmarks bookmarks =
        request.query().flag("allowWatchBookmarks") ? Bookmarks.WANTED : Bookmarks.NONE;
    // The end of what there is is a bookmark, too.
    Initial told =
        initial == Initial.WANTED && bookmarks == Bookmarks.NONE ? Initial.NONE : initial;
    WatchStream stream =
        new WatchStream(
            rendering,
            definition,
            encoded,
            bookmarks,
            told,
            time(request.query()),
            clock,
            exchange::abort);
    exchange.whenGone(stream::stop);
    ObjectAccess objects = ObjectRequests.objects(entrance, request, route);
    if (initial == Initial.REFUSED && List.of("", "0").contains(options.resourceVersion())) {
      String now =
          objects
              .list(route.resource(), key.namespace(), ListOptions.ALL.withLimit(1))
              .resourceVersion();
      options = options.withResourceVersion(now);
    }
    try (ObjectWatch watch = objects.watch(route.resource(), key.namespace(), options, stream);
        OutputStream out = output(request, rendering, exchange, stream)) {
      stream.copyTo(out, watch);
    } catch (StatusException e) {
      if (e.reason() != Reason.EXPIRED || exchange.isAnswered()) {
        throw e;
      }
      // Clients look for this one among the events, not in the answer's code.
      try (OutputStream out = output(request, rendering, exchange, stream)) {
        out.write(stream.error(e));
      }
    }
  }

  /** Where events go: a body without end, or the messages of a WebSocket. */
  private static OutputStream output(
      ApiRequest request, Rendering rendering, Exchange exchange, WatchStream stream)
      throws IOException {
    boolean json = rendering.encoding() == Representation.Encoding.JSON;
    if (!json || !request.header("upgrade").equalsIgnoreCase("websocket")) {
      return exchange.stream(OK, rendering.encoding().watchMediaType());
    }
    return WebSocketWatch.lines(
        WebSocketControl.upgrade(request, exchange, "", List.of(new WebSocketWatch(stream::stop))));
  }

  /** Whether a client wants to be told from time to time how far it is. */
  enum Bookmarks {
    WANTED,
    NONE
  }

  /**
   * Whether a client wants to be told when it has got what there was ({@code sendInitialEvents}).
   */
  enum Initial {
    WANTED,
    /** {@code sendInitialEvents=false}: what there is does not come at all. */
    REFUSED,
    /** Nothing is said: what there is comes where no revision is named, and its end goes unsaid. */
    NONE
  }

  private static Initial initial(Query query) {
    if (!query.has("sendInitialEvents")) {
      return Initial.NONE;
    }
    return query.flag("sendInitialEvents") ? Initial.WANTED : Initial.REFUSED;
  }

  private static Duration time(Query query) {
    OptionalLong seconds = query.number("timeoutSeconds");
    if (seconds.isPresent() && seconds.getAsLong() > 0) {
      return Duration.ofSeconds(Math.min(seconds.getAsLong(), Duration.ofDays(1).toSeconds()));
    }
    return SHORTEST.plusMillis(ThreadLocalRandom.current().nextLong(SHORTEST.toMillis()));
  }
}
