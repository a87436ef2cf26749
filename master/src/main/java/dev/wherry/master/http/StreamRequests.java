package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.registry.Connector;
import dev.wherry.master.registry.Connector.ExecOptions;
import dev.wherry.master.registry.Connector.LogOptions;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Streams to pods: each is served on the thread that calls until it ends. Thread-safe. */
final class StreamRequests {
  private static final int BUFFER_BYTES = 16 * 1024;

  /** For a client to take the last bytes and close by itself. */
  private static final long LINGER_SECONDS = 5;

  private final Entrance entrance;
  private final Connector connector;

  StreamRequests(Entrance entrance, Connector connector) {
    this.entrance = entrance;
    this.connector = connector;
  }

  void serve(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    if (!route.resource().equals(GroupResource.PODS) || route.isCollection()) {
      throw ApiService.notServed();
    }
    switch (route.subresource()) {
      case "log" -> log(request, route, exchange);
      case "exec" -> command(request, route, RemoteCommand.Kind.EXEC, exchange);
      case "attach" -> command(request, route, RemoteCommand.Kind.ATTACH, exchange);
      case "portforward" -> portForward(request, route, exchange);
      default -> throw ApiService.notServed();
    }
  }

  private Obj pod(ApiRequest request, Route.Objects route, String verb) {
    entrance.require(request.identity(), verb, route.resource(), route.subresource(), route.key());
    // Who may use the stream needs no leave to read the pod.
    return entrance.as(Identity.MASTER).get(route.resource(), route.key());
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
      exchange.whenGone(() -> closeLater(log));
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

  /** Off the event loop: closing a stream may block. */
  private static void closeLater(AutoCloseable stream) {
    Thread.ofVirtual().start(() -> Streams.closeQuietly(stream));
  }

  private static String verb(ApiRequest request) {
    return switch (request.method()) {
      case "GET" -> "get";
      case "POST" -> "create";
      default -> throw ObjectRequests.notAllowed();
    };
  }

  private void command(
      ApiRequest request, Route.Objects route, RemoteCommand.Kind kind, Exchange exchange)
      throws IOException {
    Obj pod = pod(request, route, verb(request));
    Upgrade.Protocol protocol = Upgrade.wanted(request);
    ExecOptions options = options(request.query(), kind);
    String streams =
        switch (protocol) {
          case SPDY ->
              Upgrade.negotiated(
                  request, Upgrade.STREAM_PROTOCOL, List.of(SpdyCommandClient.PROTOCOL));
          case WEBSOCKET ->
              Upgrade.negotiated(
                  request, WebSocketHandshake.PROTOCOL, WebSocketCommandClient.PROTOCOLS);
        };
    // Before the upgrade, so that what goes wrong is told as a Status with its code.
    try (Connector.Process process =
        switch (kind) {
          case EXEC -> connector.exec(pod, options);
          case ATTACH -> connector.attach(pod, options);
        }) {
      Runnable whenGone = () -> closeLater(process);
      exchange.whenGone(whenGone);
      CommandClient client =
          switch (protocol) {
            case SPDY -> spdy(exchange, options, streams, whenGone);
            case WEBSOCKET -> webSocket(request, exchange, options, streams, whenGone);
          };
      RemoteCommand.run(process, client, options, kind);
      closeSoon(exchange.context().channel());
    }
  }

  private static ExecOptions options(Query query, RemoteCommand.Kind kind) {
    boolean tty = query.flag("tty");
    ExecOptions options =
        new ExecOptions(
            query.text("container"),
            query.all("command"),
            query.flag("stdin"),
            query.flag("stdout"),
            query.flag("stderr") && !tty,
            tty);
    if (kind == RemoteCommand.Kind.EXEC && options.command().isEmpty()) {
      throw StatusException.badRequest("you must specify at least 1 command for the container");
    }
    if (!options.stdin() && !options.stdout() && !options.stderr()) {
      throw StatusException.badRequest("you must specify at least one of stdin, stdout, stderr");
    }
    return options;
  }

  private static CommandClient spdy(
      Exchange exchange, ExecOptions options, String streams, Runnable whenGone)
      throws IOException {
    SpdyCommandClient client = new SpdyCommandClient(options, whenGone);
    upgradeToSpdy(exchange, streams, client);
    client.awaitStreams();
    return client;
  }

  private static void upgradeToSpdy(
      Exchange exchange, String streams, SpdyConnection.Listener listener) throws IOException {
    Upgrade.perform(
        exchange,
        Map.of("upgrade", "SPDY/3.1", Upgrade.STREAM_PROTOCOL, streams),
        List.of(
            new SpdyFrameCodec(SpdyVersion.SPDY_3_1),
            new SpdyConnection(exchange.context().channel(), listener)));
  }

  private static CommandClient webSocket(
      ApiRequest request, Exchange exchange, ExecOptions options, String streams, Runnable whenGone)
      throws IOException {
    WebSocketCommandClient client =
        new WebSocketCommandClient(exchange.context().channel(), options, whenGone);
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .maxFramePayloadLength(WebSocketCommandClient.MAX_MESSAGE_BYTES)
            .build();
    Upgrade.perform(
        exchange,
        WebSocketHandshake.answer(request, streams),
        List.of(
            new WebSocket13FrameEncoder(false),
            new WebSocket13FrameDecoder(config),
            new WebSocketFrameAggregator(WebSocketCommandClient.MAX_MESSAGE_BYTES),
            client));
    client.greet();
    return client;
  }

  private void portForward(ApiRequest request, Route.Objects route, Exchange exchange)
      throws IOException {
    Obj pod = pod(request, route, verb(request));
    if (Upgrade.wanted(request) != Upgrade.Protocol.SPDY) {
      throw StatusException.badRequest("ports are forwarded over SPDY/3.1 alone");
    }
    String streams =
        Upgrade.negotiated(request, Upgrade.STREAM_PROTOCOL, List.of(PortForward.PROTOCOL));
    PortForward forward = new PortForward(connector, pod);
    upgradeToSpdy(exchange, streams, forward);
    forward.await();
  }

  private static void closeSoon(Channel channel) {
    channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
