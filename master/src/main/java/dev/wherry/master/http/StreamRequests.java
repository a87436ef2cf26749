package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.registry.Connector;
import dev.wherry.master.registry.Connector.ExecOptions;
import dev.wherry.master.registry.Connector.LogOptions;
import io.netty.channel.Channel;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Streams to pods: each is served on the thread that calls until it ends. Thread-safe. */
final class StreamRequests {
  /** For a client to take the last bytes and close by itself. */
  private static final long LINGER_SECONDS = 5;

  private final Entrance entrance;
  private final Connector connector;
  private final ProxyRequests proxies;

  StreamRequests(Entrance entrance, Connector connector) {
    this.entrance = entrance;
    this.connector = connector;
    this.proxies = new ProxyRequests(entrance, connector);
  }

  void serve(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    if (route.subresource().equals("proxy")) {
      proxies.serve(request, route, exchange);
      return;
    }
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

  /**
   * What runs in a pod changes things whatever the method: the GET by which a WebSocket begins
   * needs the leave to create too (Kubernetes 1.35, AuthorizePodWebsocketUpgradeCreatePermission).
   */
  private Obj entered(ApiRequest request, Route.Objects route) {
    Obj pod = pod(request, route, verb(request));
    return request.method().equals("GET") ? pod(request, route, "create") : pod;
  }

  private Obj pod(ApiRequest request, Route.Objects route, String verb) {
    entrance.require(request.identity(), verb, route.resource(), route.subresource(), route.key());
    // Who may use the stream needs no leave to read the pod.
    return entrance.stored().get(route.resource(), route.key());
  }

  private void log(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    if (!request.method().equals("GET")) {
      throw ObjectRequests.notAllowed();
    }
    Obj pod = pod(request, route, "get");
    LogOptions options = RequestOptions.log(request.query());
    try (InputStream log = connector.logs(pod, options)) {
      exchange.whenGone(() -> Streams.closeLater(log));
      try (OutputStream out = exchange.stream(200, "text/plain")) {
        Streams.copy(log, out);
      }
    }
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
    Obj pod = entered(request, route);
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
      Runnable whenGone = () -> Streams.closeLater(process);
      exchange.whenGone(whenGone);
      CommandClient client =
          switch (protocol) {
            case SPDY -> spdy(exchange, options, streams, whenGone);
            case WEBSOCKET -> webSocket(request, exchange, options, streams, whenGone);
          };
      RemoteCommand.run(process, client, options, kind);
      closeSoon(exchange.context().channel());
    } catch (Connector.RefusedException refused) {
      String message = String.valueOf(refused.getMessage());
      switch (protocol) {
        case SPDY -> refuse(exchange, message);
        case WEBSOCKET -> {
          webSocket(request, exchange, options, streams, () -> {})
              .finish(RemoteCommand.internal("unable to upgrade connection: " + message));
          closeSoon(exchange.context().channel());
        }
      }
    }
  }

  /** The node's words as they are: the API server hands on what kubelet answers to an upgrade. */
  private static void refuse(Exchange exchange, String message) throws IOException {
    try (OutputStream out = exchange.stream(500, "text/plain; charset=utf-8")) {
      out.write(message.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static ExecOptions options(Query query, RemoteCommand.Kind kind) {
    boolean tty = query.flag("tty");
    ExecOptions options =
        new ExecOptions(
            query.text("container"),
            query.all("command"),
            query.flag("stdin"),
            wants(query, "stdout", kind),
            wants(query, "stderr", kind) && !tty,
            tty);
    if (kind == RemoteCommand.Kind.EXEC && options.command().isEmpty()) {
      throw StatusException.badRequest("you must specify at least 1 command for the container");
    }
    if (!options.stdin() && !options.stdout() && !options.stderr()) {
      throw StatusException.badRequest("you must specify at least one of stdin, stdout, stderr");
    }
    return options;
  }

  /**
   * Whether an output is sent: where nothing is said, it is while attached (v1.PodAttachOptions).
   */
  private static boolean wants(Query query, String output, RemoteCommand.Kind kind) {
    return query.flag(output) || (kind == RemoteCommand.Kind.ATTACH && !query.has(output));
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
    WebSocketControl.upgrade(request, exchange, streams, List.of(client));
    client.greet();
    return client;
  }

  private void portForward(ApiRequest request, Route.Objects route, Exchange exchange)
      throws IOException {
    Obj pod = entered(request, route);
    PortRelay relay = new PortRelay(connector, pod);
    switch (Upgrade.wanted(request)) {
      case SPDY -> {
        String streams =
            Upgrade.negotiated(request, Upgrade.STREAM_PROTOCOL, List.of(PortForward.PROTOCOL));
        PortForward forward = new PortForward(relay);
        upgradeToSpdy(exchange, streams, forward);
        forward.await();
      }
      case WEBSOCKET -> {
        List<String> known = List.of(PortForward.TUNNELLED_PROTOCOL, WebSocketPortForward.PROTOCOL);
        String streams = Upgrade.negotiated(request, WebSocketHandshake.PROTOCOL, known);
        if (streams.equals(PortForward.TUNNELLED_PROTOCOL)) {
          tunnelledPorts(request, exchange, relay);
        } else {
          Channel channel = exchange.context().channel();
          List<Integer> ports = WebSocketPortForward.ports(request.query());
          WebSocketPortForward forward = new WebSocketPortForward(channel, ports);
          WebSocketControl.upgrade(request, exchange, streams, List.of(forward));
          forward.run(channel, relay);
        }
      }
    }
  }

  private static void tunnelledPorts(ApiRequest request, Exchange exchange, PortRelay relay)
      throws IOException {
    PortForward forward = new PortForward(relay);
    WebSocketControl.upgrade(
        request,
        exchange,
        PortForward.TUNNELLED_PROTOCOL,
        List.of(
            new WebSocketTunnel(),
            new SpdyFrameCodec(SpdyVersion.SPDY_3_1),
            new SpdyConnection(exchange.context().channel(), forward)));
    forward.await();
  }

  private static void closeSoon(Channel channel) {
    channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
