package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Admission.Verdict;
import dev.wherry.agent.ingress.Destination.Endpoints;
import dev.wherry.agent.ingress.Hygiene.Client;
import dev.wherry.agent.ingress.Hygiene.Upgrade;
import dev.wherry.agent.ingress.TlsClients.Outcome.Unusable;
import dev.wherry.agent.ingress.TlsClients.Outcome.Usable;
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
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
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

  private static final String NO_ENDPOINTS = "the service has no endpoints";
  private static final String NO_TLS = "TLS cannot be spoken to the backend as its route asks";

  private final IngressTraffic traffic;
  private final Client client;
  private final Protocol protocol;
  private @Nullable Exchange exchange;
  private @Nullable ChannelHandlerContext context;

  private final OneByOne messages = new OneByOne(this::take, () -> context().read());
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
    return Objects.requireNonNull(context);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    more();
  }

  /** Takes the next message, now or when it comes. */
  void more() {
    messages.more();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    messages.add(message);
  }

  private void take(Object message) {
    if (!tunnel && message instanceof FullHttpRequest whole) {
      // A request without a body, of HTTP/2: its end waits until it is asked for, as a body would.
      messages.putBack(new DefaultLastHttpContent(whole.content(), whole.trailingHeaders()));
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
    if (!isHttp2() && !HttpUtil.isKeepAlive(request)) {
      ends = true;
    }
    follow(request, traffic.admission().of(request, client, traffic.router()));
  }

  private void follow(HttpRequest request, Verdict verdict) {
    switch (verdict) {
      case Verdict.Answered(var answer, var rest) -> {
        if (rest == Admission.Rest.UNREADABLE) {
          ends = true;
        } else {
          skipRest(request);
        }
        say(answer);
      }
      case Verdict.Awaited(var known) -> once(known, late -> follow(request, late));
      case Verdict.Led(var target, var route) -> lead(request, target, route);
    }
  }

  private void lead(HttpRequest request, RequestTarget target, Route route) {
    Destination destination = traffic.destination(route);
    Endpoints known = destination.endpoints();
    CompletableFuture<Endpoints> search = known.isEmpty() ? destination.awaited() : known.awaited();
    if (search.isDone()) {
      forward(request, target, route, search.join());
    } else {
      once(search, late -> forward(request, target, route, late));
    }
  }

  /** Goes on when something is known, unless the client has left by then. */
  private <T> void once(CompletableFuture<T> known, Consumer<T> next) {
    CompletableFuture<Void> _ =
        known.thenAcceptAsync(
            late -> {
              if (context().channel().isActive()) {
                next.accept(late);
              }
            },
            context().executor());
  }

  private void forward(
      HttpRequest request, RequestTarget target, Route route, Endpoints endpoints) {
    BackendProtocol protocol = route.options().protocol(endpoints);
    BackendPools pools = traffic.pools(context().channel());
    if (endpoints.isEmpty()) {
      unserved(request, route, HttpResponseStatus.SERVICE_UNAVAILABLE, NO_ENDPOINTS);
    } else if (!protocol.isSecure(client.scheme())) {
      forward(request, target, new Backends(route, endpoints, protocol, pools.clear()));
    } else {
      switch (traffic.tls(route, endpoints, protocol)) {
        case Usable(var tls) ->
            forward(request, target, new Backends(route, endpoints, protocol, pools.secure(tls)));
        case Unusable _ -> unserved(request, route, HttpResponseStatus.BAD_GATEWAY, NO_TLS);
      }
    }
  }

  private void unserved(HttpRequest request, Route route, HttpResponseStatus status, String why) {
    skipRest(request);
    traffic.count(route, status.code(), 0);
    say(OwnAnswer.refusal(status, why));
  }

  private void forward(HttpRequest request, RequestTarget target, Backends backends) {
    if (HttpUtil.is100ContinueExpected(request)) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
    Upgrade upgrade = Hygiene.isWebSocket(request) && !isHttp2() ? Upgrade.WEBSOCKET : Upgrade.NONE;
    // Before its head is changed: it knows what the client said of the connection.
    Exchange next = new Exchange(this, context(), request, backends, traffic);
    Hygiene.toBackend(request, target, client, backends.route(), upgrade);
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

  // ---- what an exchange reports

  /** A refusal or failure before anything was answered. */
  void refuse(HttpResponseStatus status, String why) {
    exchange = null;
    say(OwnAnswer.refusal(status, why));
  }

  private void say(OwnAnswer answer) {
    FullHttpResponse response = answer.asResponse();
    ChannelHandlerContext to = context();
    if (ends) {
      if (!isHttp2()) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      to.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      to.writeAndFlush(response);
      more(); // the rest of this request, or the next one
    }
  }

  /** Makes a backend's answer one for this client. */
  void shape(HttpResponse response, HttpRequest request) {
    if (isHttp2()) {
      AnswerHead.toHttp2(response);
      return;
    }
    ends |= AnswerHead.toHttp1(response, request) == AnswerHead.After.END;
    AnswerHead.sayConnection(
        response, request, endsAfterAnswer() ? AnswerHead.After.END : AnswerHead.After.GO_ON);
  }

  void endAfterAnswer() {
    ends = true;
  }

  private boolean endsAfterAnswer() {
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
    messages.release();
    if (now != null) {
      now.clientEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    from.close(); // resets and bad TLS are clients' affairs
  }
}
