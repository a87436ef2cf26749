package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Destination.Endpoints;
import dev.wherry.agent.ingress.Hygiene.Client;
import dev.wherry.agent.ingress.Hygiene.Upgrade;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection (or stream, of HTTP/2): takes one request after another and leads each to
 * its backend. Confined to the connection's event loop.
 */
final class Frontend extends ChannelInboundHandlerAdapter {

  /** What a client speaks. */
  enum Protocol {
    HTTP1,
    HTTP2
  }

  private final IngressTraffic traffic;
  private final Client client;
  private final Protocol protocol;
  private @Nullable Exchange exchange;
  private @Nullable ChannelHandlerContext context;

  /** What was decoded at once and not asked for yet: no more than one read brings. */
  private final ArrayDeque<Object> held = new ArrayDeque<>();

  private boolean wanted;
  private boolean handing;
  private boolean ends;
  private boolean tunnel;

  /** Whether the rest of a refused request is still to be thrown away. */
  private boolean skipping;

  Frontend(IngressTraffic traffic, Client client, Protocol protocol) {
    this.traffic = traffic;
    this.client = client;
    this.protocol = protocol;
  }

  boolean isHttp2() {
    return protocol == Protocol.HTTP2;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  private ChannelHandlerContext context() {
    return java.util.Objects.requireNonNull(context);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    more();
  }

  /** Takes the next message, now or when it comes. */
  void more() {
    wanted = true;
    if (!handing) {
      hand();
    }
  }

  /** One message for each that was asked for; a message that asks for the next does not nest. */
  private void hand() {
    handing = true;
    try {
      while (wanted && !held.isEmpty()) {
        wanted = false;
        take(held.poll());
      }
    } finally {
      handing = false;
    }
    if (wanted) {
      context().read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    held.add(message);
    if (wanted && !handing) {
      hand();
    }
  }

  private void take(Object message) {
    if (!tunnel && message instanceof FullHttpRequest whole) {
      // A request without a body, of HTTP/2: its end waits until it is asked for, as a body would.
      held.addFirst(new DefaultLastHttpContent(whole.content(), whole.trailingHeaders()));
      HttpRequest head =
          new DefaultHttpRequest(
              whole.protocolVersion(), whole.method(), whole.uri(), whole.headers());
      head.setDecoderResult(whole.decoderResult());
      begin(head);
      return;
    }
    if (!tunnel && message instanceof HttpRequest request && exchange == null) {
      skipping = false;
      begin(request);
      return;
    }
    Exchange now = exchange;
    if (now != null) {
      now.fromClient(message);
    } else {
      ReferenceCountUtil.release(message);
      if (skipping && !(message instanceof LastHttpContent)) {
        more();
      } else if (skipping) {
        skipping = false;
        if (!ends) {
          more();
        }
      }
    }
  }

  private void begin(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      unreadable(request.decoderResult().cause());
      return;
    }
    if (!isHttp2() && !HttpUtil.isKeepAlive(request)) {
      ends = true;
    }
    Optional<String> refusal = Hygiene.refusal(request);
    if (refusal.isPresent()) {
      ends = true;
      refuse(HttpResponseStatus.BAD_REQUEST, refusal.get());
      return;
    }
    Optional<RequestTarget> target =
        RequestTarget.of(request.headers().get(HttpHeaderNames.HOST, ""), request.uri());
    if (target.isEmpty()) {
      ends = true;
      refuse(HttpResponseStatus.BAD_REQUEST, "the target cannot be read");
      return;
    }
    lead(request, target.get());
  }

  private void unreadable(Throwable cause) {
    ends = true;
    if (cause instanceof TooLongHttpLineException) {
      refuse(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the target is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      refuse(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too large");
    } else {
      refuse(HttpResponseStatus.BAD_REQUEST, "the request cannot be read");
    }
  }

  private void lead(HttpRequest request, RequestTarget target) {
    IngressRouter router = traffic.router();
    Optional<Route> found = router.route(target.host(), target.path());
    if (found.isEmpty() || found.get().backend().isEmpty()) {
      skipRest(request);
      refuse(HttpResponseStatus.NOT_FOUND, "no route leads there");
      return;
    }
    Route route = found.get();
    Optional<Redirect> elsewhere =
        Redirect.of(route, target, client.scheme(), router, traffic.httpsPort());
    if (elsewhere.isPresent()) {
      skipRest(request);
      redirect(elsewhere.get());
      return;
    }
    if (HttpUtil.getContentLength(request, 0L) > route.options().maxBodyBytes()) {
      ends = true;
      refuse(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large");
      return;
    }
    Destination destination = traffic.destination(route);
    Endpoints endpoints = destination.endpoints();
    if (!endpoints.addresses().isEmpty()) {
      forward(request, target, route, endpoints);
      return;
    }
    CompletableFuture<Endpoints> awaited = destination.awaited();
    if (awaited.isDone()) {
      forward(request, target, route, awaited.join());
    } else {
      CompletableFuture<Void> _ =
          awaited.thenAcceptAsync(
              late -> {
                if (context().channel().isActive()) {
                  forward(request, target, route, late);
                }
              },
              context().executor());
    }
  }

  private void forward(
      HttpRequest request, RequestTarget target, Route route, Endpoints endpoints) {
    if (endpoints.addresses().isEmpty()) {
      skipRest(request);
      traffic
          .counters()
          .request(route.options().ingress(), route.backend().orElseThrow().service(), 503, 0);
      refuse(HttpResponseStatus.SERVICE_UNAVAILABLE, "the service has no endpoints");
      return;
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
    Upgrade upgrade = Hygiene.isWebSocket(request) && !isHttp2() ? Upgrade.WEBSOCKET : Upgrade.NONE;
    String host = request.headers().get(HttpHeaderNames.HOST, "");
    Exchange next =
        new Exchange(
            this,
            context(),
            request,
            route,
            endpoints,
            traffic.nextTurn(),
            traffic.pool(context().channel()),
            traffic.counters());
    Hygiene.toBackend(request.headers(), client, host, upgrade);
    if (!route.options().upstreamHost().isEmpty()) {
      request.headers().set(HttpHeaderNames.HOST, route.options().upstreamHost());
    }
    request.setUri(route.rewrite(target.path(), target.query()));
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
    exchange = next;
    next.start();
  }

  private void skipRest(HttpRequest request) {
    skipping = true;
    boolean body =
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    if (body && !isHttp2()) {
      ends = true; // cheaper than reading what nobody wants
    }
  }

  private void redirect(Redirect redirect) {
    FullHttpResponse response = response(redirect.status(), "");
    response.headers().set(HttpHeaderNames.LOCATION, redirect.location());
    say(response);
  }

  // ---- what an exchange reports

  /** A refusal or failure before anything was answered. */
  void refuse(HttpResponseStatus status, String why) {
    exchange = null;
    say(response(status, status.code() + " " + why + "\n"));
  }

  private static FullHttpResponse response(HttpResponseStatus status, String text) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    HttpUtil.setContentLength(response, response.content().readableBytes());
    return response;
  }

  private void say(FullHttpResponse response) {
    if (ends && !isHttp2()) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    ChannelHandlerContext to = context();
    if (ends) {
      to.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      to.writeAndFlush(response);
      more(); // the rest of this request, or the next one
    }
  }

  void endAfterAnswer() {
    ends = true;
  }

  boolean endsAfterAnswer() {
    return ends || traffic.isDraining();
  }

  /** The answer is written. */
  void answered() {
    exchange = null;
    if (endsAfterAnswer() && !isHttp2()) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else if (!isHttp2()) {
      more();
    }
  }

  /** The answer cannot be finished: the client must see that it is not whole. */
  void broken() {
    exchange = null;
    context().flush();
    context().close();
  }

  /** From here on bytes alone, both ways. */
  void becomeTunnel() {
    tunnel = true;
    for (String name : new String[] {"decoder", "encoder", "idle"}) {
      if (context().pipeline().get(name) != null) {
        context().pipeline().remove(name);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    Exchange now = exchange;
    if (now != null && changed.channel().isWritable()) {
      now.clientWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof IdleStateEvent && exchange == null) {
      from.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    Exchange now = exchange;
    exchange = null;
    held.forEach(ReferenceCountUtil::release);
    held.clear();
    if (now != null) {
      now.clientEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    from.close(); // resets and bad TLS are clients' affairs
  }
}
