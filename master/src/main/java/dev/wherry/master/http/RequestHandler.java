package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the requests of one connection (HTTP/1.1) or one stream (HTTP/2) and hands each, whole,
 * to the {@link Requests}. One request is served at a time; what a client sends ahead waits here.
 *
 * <p>Confined to the channel's event loop, apart from {@link #answered}.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

  /** The longest body (Kubernetes: 3 MiB). */
  static final int MAX_BODY_BYTES = 3 * 1024 * 1024;

  /** How long a client may take to send a body, or after connecting to send its first head. */
  static final Duration ARRIVAL_TIMEOUT = Duration.ofSeconds(60);

  /** How many messages a client may send ahead while a request of it is served. */
  static final int MAX_WAITING_MESSAGES = 256;

  /** Who serves requests. */
  interface Requests {
    /** Takes the request without blocking and answers it on a thread of its own. */
    void serve(HttpRequest head, byte[] body, Exchange exchange);
  }

  private final Requests requests;
  private final BodyBudget budget;
  private final Deque<HttpObject> waiting = new ArrayDeque<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private @Nullable HttpRequest head;
  private @Nullable Exchange serving;
  private boolean discarding;
  private boolean begun;
  private int held; // of the budget, for the body that is being gathered
  private @Nullable Future<?> deadline;

  /**
   * @param budget from which each body is taken; who serves a request gives its part back
   */
  RequestHandler(Requests requests, BodyBudget budget) {
    this.requests = requests;
    this.budget = budget;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    // A quiet watch must notice that its client is gone, so there is always a read under way.
    context.channel().config().setAutoRead(true);
    expect(
        context,
        () -> {
          if (!begun) {
            context.close();
          }
        });
  }

  /** Runs this if what is awaited has not come in time. */
  private void expect(ChannelHandlerContext context, Runnable late) {
    arrived();
    deadline = context.executor().schedule(late, ARRIVAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  private void arrived() {
    Future<?> awaited = deadline;
    if (awaited != null) {
      awaited.cancel(false);
      deadline = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof HttpObject part)) {
      context.fireChannelRead(message);
      return;
    }
    if (serving == null) {
      take(context, part);
    } else if (waiting.size() < MAX_WAITING_MESSAGES) {
      waiting.add(part);
    } else {
      ReferenceCountUtil.release(part);
      context.close();
    }
  }

  private void take(ChannelHandlerContext context, HttpObject part) {
    try {
      if (part.decoderResult().isFailure()) {
        refuse(
            context,
            StatusException.badRequest(
                "malformed HTTP: " + part.decoderResult().cause().getMessage()));
        return;
      }
      if (part instanceof HttpRequest request) {
        begin(context, request);
      }
      if (part instanceof HttpContent content && !discarding) {
        gather(context, content);
      }
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    body.reset();
    head = request;
    begun = true;
    expect(context, () -> refuse(context, tooSlow()));
    if (HttpUtil.getContentLength(request, 0L) > MAX_BODY_BYTES) {
      refuse(context, tooLarge());
    } else if (HttpUtil.is100ContinueExpected(request)) {
      context.writeAndFlush(
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
  }

  private void gather(ChannelHandlerContext context, HttpContent content) {
    HttpRequest request = head;
    if (request == null) {
      return; // the rest of a request that was refused
    }
    int length = content.content().readableBytes();
    if (body.size() + length > MAX_BODY_BYTES) {
      refuse(context, tooLarge());
      return;
    }
    if (!budget.tryAcquire(length)) {
      refuse(context, tooMuch());
      return;
    }
    held += length;
    try {
      content.content().readBytes(body, length);
    } catch (IOException e) {
      throw new IllegalStateException("an array takes every byte", e);
    }
    if (content instanceof LastHttpContent) {
      head = null;
      held = 0; // it goes over to who serves
      arrived();
      Exchange exchange = new Exchange(context, request, () -> answered(context));
      serving = exchange;
      requests.serve(request, body.toByteArray(), exchange);
      body.reset();
    }
  }

  private static StatusException tooLarge() {
    return StatusException.of(
        Reason.REQUEST_ENTITY_TOO_LARGE, "Request entity too large: limit is " + MAX_BODY_BYTES);
  }

  private static StatusException tooMuch() {
    return StatusException.of(
        Reason.TOO_MANY_REQUESTS, "too many large requests, please try again later");
  }

  private static StatusException tooSlow() {
    return StatusException.of(
        Reason.TIMEOUT, "the request did not arrive within " + ARRIVAL_TIMEOUT.toSeconds() + "s");
  }

  private void giveBack() {
    budget.release(held);
    held = 0;
    body.reset();
    arrived();
  }

  /** Answers what cannot be read to its end, and ends the connection. */
  private void refuse(ChannelHandlerContext context, StatusException why) {
    if (discarding) {
      return;
    }
    discarding = true;
    head = null;
    giveBack();
    Answer answer = Answer.of(why);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.code()),
            Unpooled.wrappedBuffer(answer.body()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    answer.headers().forEach(response.headers()::set);
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    HttpUtil.setContentLength(response, answer.body().length);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** The request is answered; the next one may be served. */
  private void answered(ChannelHandlerContext context) {
    context
        .executor()
        .execute(
            () -> {
              serving = null;
              while (serving == null && !waiting.isEmpty()) {
                take(context, waiting.remove());
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    giveBack();
    leave();
    context.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    giveBack();
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }

  private void leave() {
    Exchange exchange = serving;
    if (exchange != null) {
      exchange.clientGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Resets by clients and failed handshakes: the connection is over, nothing else is to be done.
    LOG.debug("a connection failed: {}", cause.toString());
    context.close();
  }
}
