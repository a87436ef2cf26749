package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Changes a connection of HTTP/1.1 to another protocol (RFC 9110, 7.8). Stateless. */
final class Upgrade {
  static final String STREAM_PROTOCOL = "x-stream-protocol-version";

  /** What a client wants the connection to become. */
  enum Protocol {
    SPDY,
    WEBSOCKET
  }

  private Upgrade() {}

  /**
   * What the request asks for.
   *
   * @throws StatusException BAD_REQUEST when it asks for nothing that we know
   */
  static Protocol wanted(ApiRequest request) {
    return switch (request.header("upgrade").toLowerCase(Locale.ROOT)) {
      case "spdy/3.1" -> Protocol.SPDY;
      case "websocket" -> Protocol.WEBSOCKET;
      default -> throw StatusException.badRequest("Upgrade request required");
    };
  }

  /**
   * The first of these stream protocols that the client offers in this header.
   *
   * @throws StatusException FORBIDDEN when it offers none, as Kubernetes answers
   */
  static String negotiated(ApiRequest request, String header, List<String> known) {
    List<String> offered = new ArrayList<>();
    for (String line : request.headers().getAll(header)) {
      for (String each : line.split(",", -1)) {
        offered.add(each.strip());
      }
    }
    return known.stream()
        .filter(offered::contains)
        .findFirst()
        .orElseThrow(
            () ->
                StatusException.of(
                    dev.wherry.api.status.Reason.FORBIDDEN,
                    "unable to upgrade: unable to negotiate protocol: client supports "
                        + offered
                        + ", server accepts "
                        + known));
  }

  /**
   * Answers 101 and puts these handlers in the place of HTTP. Returns when it is done.
   *
   * @throws StatusException BAD_REQUEST on HTTP/2, where a connection cannot change
   */
  static Channel perform(
      Exchange exchange, Map<String, String> headers, List<ChannelHandler> handlers)
      throws IOException {
    ChannelHandlerContext context = exchange.context();
    Channel channel = context.channel();
    if (channel.pipeline().get(HttpServerCodec.class) == null) {
      throw StatusException.badRequest("an upgrade needs HTTP/1.1");
    }
    exchange.handOver();
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.forEach(response.headers()::set);
    CompletableFuture<Void> done = new CompletableFuture<>();
    context
        .executor()
        .execute(
            () -> {
              // One task: nothing is read between the answer and the change.
              try {
                context.writeAndFlush(response);
                replace(channel.pipeline(), handlers);
                channel.config().setAutoRead(true);
                done.complete(null);
              } catch (RuntimeException e) {
                channel.close();
                done.completeExceptionally(e);
              }
            });
    try {
      done.get();
      return channel;
    } catch (ExecutionException e) {
      throw new IOException("the connection could not be changed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a connection was changed", e);
    }
  }

  private static void replace(ChannelPipeline pipeline, List<ChannelHandler> handlers) {
    List<ChannelHandler> old = new ArrayList<>();
    for (Map.Entry<String, ChannelHandler> each : pipeline) {
      if (!(each.getValue() instanceof SslHandler)) {
        old.add(each.getValue());
      }
    }
    pipeline.addLast(handlers.toArray(ChannelHandler[]::new));
    // From the front, so that bytes which the codec has left go on to the new handlers.
    old.forEach(pipeline::remove);
  }
}
