package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection in HTTP/1.1 whose requests are relayed: heads are rewritten, bodies go
 * through as they come. At the first request that needs more (another version, a transfer coding,
 * an upgrade, a redirect, a refusal ...) the connection becomes {@link Frontend}'s, for good and
 * with every byte that was not relayed. Either side is read no further while the other one is full.
 *
 * <pre>
 * IDLE --request--> CONNECTING --connected--> WAITING --response's head--> ANSWERING --its end--> IDLE
 *   |                   '--- refused: next backend, Attempts.MAX in all        '--- broken: closed
 *   '--- needs more: Frontend             '--- closed before an answer: once more where that is safe
 * </pre>
 *
 * Confined to its event loop, which is the backend's as well.
 */
final class Relay extends ChannelInboundHandlerAdapter implements BackendSearch.Asker {
  /** Where a connection goes that cannot be relayed: puts other handlers behind this one. */
  interface Fallback {
    void serve(ChannelHandlerContext relay, Client client, ByteBuf unread);
  }

  private static final int CLIENT_IDLE_SECONDS = 75;

  private enum State {
    IDLE,
    CONNECTING,
    WAITING,
    ANSWERING
  }

  private final IngressTraffic traffic;
  private final RelayLoop loop;
  private final Client client;
  private final Fallback fallback;
  private final byte[] forwarded;
  private @Nullable ChannelHandlerContext context;

  private State state = State.IDLE;
  private final RelayInput input = new RelayInput();
  private int heardAt;
  private boolean ends;

  // Of the request under way.
  private @Nullable RelayRequest request;
  private @Nullable Channel backend;
  private final BackendSearch search = new BackendSearch(this);

  /**
   * @param loop of the client's connection
   */
  Relay(IngressTraffic traffic, RelayLoop loop, Client client, Fallback fallback) {
    this.traffic = traffic;
    this.loop = loop;
    this.client = client;
    this.fallback = fallback;
    this.forwarded = HeadWriter.forwarded(client);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    loop.add(this);
    heardAt = loop.seconds();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    loop.remove(this);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private RelayRequest request() {
    return Objects.requireNonNull(request);
  }

  // ---- from the client

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (ends && state == State.IDLE) {
      in.release(); // the connection is about to close
      return;
    }
    heardAt = loop.seconds();
    input.add(in, from.alloc());
    if (state == State.IDLE) {
      next();
    } else {
      sendBody();
    }
  }

  private void next() {
    RelayInput.Head found = input.look(loop);
    if (found == RelayInput.Head.NONE) {
      return;
    }
    RelayRequest asked =
        found == RelayInput.Head.WHOLE ? RelayRequest.of(loop, traffic, client, forwarded) : null;
    if (asked == null) {
      fallback.serve(context(), client, input.take(Integer.MAX_VALUE));
      return;
    }
    input.takeHead(loop);
    begin(asked);
  }

  private void begin(RelayRequest asked) {
    request = asked;
    ends |= !asked.keepsClient;
    state = State.CONNECTING;
    BackendPools pools = loop.pools();
    BackendPool pool = asked.tls == null ? pools.clear() : pools.secure(asked.tls);
    Duration patience = asked.route.options().connectTimeout();
    search.begin(pool, false, asked.backends, traffic.nextTurn(), patience);
  }

  // ---- to the backend

  @Override
  public void found(Channel to) {
    RelayRequest asked = request();
    state = State.WAITING;
    backend = to;
    heard();
    ((RelayBackend) to.pipeline().last()).serve(this);
    asked.head.readerIndex(0);
    if (!asked.wantsBody()) {
      to.writeAndFlush(asked.head.retain(), to.voidPromise());
      return;
    }
    to.write(asked.head.retain(), to.voidPromise());
    sendBody();
    to.flush();
  }

  @Override
  public void failed(Throwable cause) {
    refuse(HttpResponseStatus.BAD_GATEWAY, traffic.unreachable(request().route, cause));
  }

  /** Sends what has come of the body, and stops reading where nobody takes it. */
  private void sendBody() {
    RelayRequest asked = request();
    Channel to = backend;
    if (to != null && asked.wantsBody() && !input.isEmpty()) {
      int part = asked.takeBody(input.length());
      // Taken out first: a write that fills or empties the channel comes back here.
      to.writeAndFlush(input.take(part), to.voidPromise());
    }
    boolean full = to != null && asked.wantsBody() && !to.isWritable();
    context().channel().config().setAutoRead(!full && !input.isFull());
  }

  void backendWritable() {
    if (request().wantsBody()) {
      sendBody();
    }
  }

  // ---- from the backend

  boolean isHead() {
    return request().isHead;
  }

  void heard() {
    heardAt = loop.seconds();
  }

  /**
   * The answer's head was read.
   *
   * @return whether the client is to be told that the connection ends with it
   */
  boolean begins(int code, boolean untilClose) {
    RelayRequest asked = request();
    state = State.ANSWERING;
    asked.begins(code);
    ends |= untilClose || asked.wantsBody() || traffic.isDraining();
    return ends;
  }

  /** A piece of the answer, of which so many bytes are its body's. */
  void answer(ByteBuf out, int ofBody) {
    request().answered(ofBody);
    context().write(out, context().voidPromise());
    Channel from = backend;
    if (from != null && !context().channel().isWritable()) {
      from.config().setAutoRead(false);
    }
  }

  void flush() {
    context().flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    Channel from = backend;
    if (from != null && changed.channel().isWritable()) {
      from.config().setAutoRead(true);
    }
  }

  /** The answer is whole. */
  void answered(Channel from, boolean kept) {
    boolean sent = !request().wantsBody();
    finish();
    if (kept && sent) {
      from.config().setAutoRead(true);
      search.giveBack(from);
    } else {
      from.close();
    }
    if (ends) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    context().flush();
    context().channel().config().setAutoRead(true);
    next();
  }

  // ---- ends

  /** The backend's answer cannot be read. */
  void refuseAnswer() {
    refuse(HttpResponseStatus.BAD_GATEWAY, "the backend's answer cannot be read");
  }

  /**
   * The backend's connection has ended, and the answer with it.
   *
   * @param begun whether a part of its head has come
   */
  void backendEnded(boolean begun) {
    backend = null;
    if (state == State.ANSWERING) {
      broken();
      return;
    }
    state = State.CONNECTING;
    if (begun || !request().isRepeatable() || !search.repeat()) {
      refuse(HttpResponseStatus.BAD_GATEWAY, "the backend closed without an answer");
    }
  }

  /** The answer cannot be finished: the client must see that it is not whole. */
  void broken() {
    finish();
    context().flush();
    context().close();
  }

  private void refuse(HttpResponseStatus status, String why) {
    request().begins(status.code());
    leaveBackend();
    finish();
    ends = true;
    context()
        .writeAndFlush(OwnAnswer.refusal(status, why).asLastBytes())
        .addListener(ChannelFutureListener.CLOSE);
  }

  private void leaveBackend() {
    Channel to = backend;
    backend = null;
    if (to != null) {
      ((RelayBackend) to.pipeline().last()).leave();
      to.close();
    }
  }

  private void finish() {
    RelayRequest over = request;
    if (over != null) {
      state = State.IDLE;
      request = null;
      backend = null;
      search.end();
      over.end(traffic);
    }
  }

  /** Once a second: ends what has been silent for too long. */
  void look() {
    long silent = loop.seconds() - heardAt;
    if (state == State.IDLE) {
      if (silent > CLIENT_IDLE_SECONDS) {
        context().close();
      }
    } else if (silent > request().route.options().silence().toSeconds()) {
      if (state == State.ANSWERING) {
        leaveBackend();
        broken();
      } else {
        refuse(HttpResponseStatus.GATEWAY_TIMEOUT, "the backend does not answer in time");
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    leaveBackend();
    finish();
    input.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    from.close(); // resets and bad TLS are clients' affairs
  }
}
