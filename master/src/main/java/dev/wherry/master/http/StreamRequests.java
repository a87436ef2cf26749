package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.registry.Connector;
import dev.wherry.master.registry.Connector.LogOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Streams to pods, each on the thread that calls until it ends. Thread-safe. */
final class StreamRequests {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Entrance entrance;
  private final Connector connector;

  StreamRequests(Entrance entrance, Connector connector) {
    this.entrance = entrance;
    this.connector = connector;
  }

  void serve(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    if (!route.resource().equals(GroupResource.PODS)) {
      throw ApiService.notServed();
    }
    switch (route.subresource()) {
      case "log" -> log(request, route, exchange);
      default -> throw ApiService.notServed();
    }
  }

  private Obj pod(ApiRequest request, Route.Objects route, String verb) {
    entrance.require(request.identity(), verb, route.resource(), route.subresource(), route.key());
    // Who may use the stream needs no leave to read the pod.
    return entrance.as(dev.wherry.master.access.Identity.MASTER).get(route.resource(), route.key());
  }

  private void log(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    if (!request.method().equals("GET")) {
      throw ObjectRequests.notAllowed();
    }
    Obj pod = pod(request, route, "get");
    Query query = request.query();
    LogOptions options =
        new LogOptions(
            query.text("container"),
            query.flag("follow"),
            query.flag("previous"),
            query.flag("timestamps"),
            query.number("sinceSeconds"),
            query.text("sinceTime"),
            query.number("tailLines"),
            query.number("limitBytes"));
    try (InputStream log = connector.logs(pod, options)) {
      exchange.whenGone(() -> Streams.closeQuietly(log));
      try (OutputStream out = exchange.stream(200, "text/plain")) {
        copy(log, out);
      }
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
    }
  }
}
