package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
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
final class Relay extends ChannelInboundHandlerAdapter {
  /** Where a connection goes that cannot be relayed: puts other handlers behind this one. */
  interface Fallback {
    void serve(ChannelHandlerContext relay, Client client, ByteBuf unread);
  }

  /** Reads that may bring a head; one that takes more is read by a decoder that goes on reading. */
  private static final int MAX_READS_OF_HEAD = 8;

  /** Of requests that wait for the answers before theirs. */
  private static final int MAX_HELD_BYTES = 65_536;

  private static final int CLIENT_IDLE_SECONDS = 75;

  private enum State {
    IDLE,
    CONNECTING,
    WAITING,
    ANSWERING
  }

  private final IngressTraffic traffic;
  private final Client client;
  private final Fallback fallback;
  private final byte[] forwarded;
  private @Nullable ChannelHandlerContext context;
  private @Nullable RelayLoop loop;

  private State state = State.IDLE;
  private final HeldBytes held = new HeldBytes();
  private int reads;
  private int heardAt;
  private boolean ends;

  // Of the request under way.
  private @Nullable RelayRequest request;
  private @Nullable Channel backend;
  private InetSocketAddress address = new InetSocketAddress(0);
  private long bodyLeft;
  private long bytes;
  private final Attempts attempts = new Attempts();
  private int status;
  private boolean reused;

  Relay(IngressTraffic traffic, Client client, Fallback fallback) {
    this.traffic = traffic;
    this.client = client;
    this.fallback = fallback;
    this.forwarded = HeadWriter.forwarded(client);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    loop = traffic.relays(added.channel());
    loop.add(this);
    heardAt = loop.seconds();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    loop().remove(this);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private RelayLoop loop() {
    return Objects.requireNonNull(loop);
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
    heardAt = loop().seconds();
    held.add(in, from.alloc());
    if (state == State.IDLE) {
      reads++;
      next();
    } else {
      sendBody();
    }
  }

  private void next() {
    if (held.isEmpty()) {
      return;
    }
    HttpHead.Reading reading = loop().read(held.peek());
    if (reading == HttpHead.Reading.INCOMPLETE && reads < MAX_READS_OF_HEAD) {
      return;
    }
    RelayRequest asked =
        reading == HttpHead.Reading.WHOLE
            ? RelayRequest.of(loop(), traffic, client, forwarded)
            : null;
    if (asked == null) {
      fallback.serve(context(), client, held.take(Integer.MAX_VALUE));
      return;
    }
    held.skip(loop().head().end());
    reads = 0;
    begin(asked);
  }

  private void begin(RelayRequest asked) {
    request = asked;
    bodyLeft = asked.bodyBytes;
    bytes = 0;
    status = 0;
    ends |= !asked.keepsClient;
    attempts.begin(asked.backends, traffic.nextTurn());
    attempt();
  }

  // ---- to the backend

  private void attempt() {
    RelayRequest asked = request();
    state = State.CONNECTING;
    address = attempts.next();
    Channel waiting = attempts.isFirst() ? loop().pool().takeIdle(address) : null;
    reused = waiting != null;
    if (waiting != null) {
      send(waiting);
    } else {
      loop().pool().connect(address).addListener((ChannelFuture done) -> connected(asked, done));
    }
  }

  private void connected(RelayRequest asked, ChannelFuture done) {
    if (request != asked || state != State.CONNECTING) {
      done.channel().close(); // the client has left meanwhile, or waited too long
    } else if (done.isSuccess()) {
      send(done.channel());
    } else if (attempts.mayFollow()) {
      attempt();
    } else {
      refuse("502 Bad Gateway", "no backend can be reached");
    }
  }

  private void send(Channel to) {
    RelayRequest asked = request();
    state = State.WAITING;
    backend = to;
    heard();
    ((RelayBackend) to.pipeline().last()).serve(this);
    asked.head.readerIndex(0);
    if (bodyLeft == 0) {
      to.writeAndFlush(asked.head.retain(), to.voidPromise());
      return;
    }
    to.write(asked.head.retain(), to.voidPromise());
    sendBody();
    to.flush();
  }

  /** Sends what has come of the body, and stops reading where nobody takes it. */
  private void sendBody() {
    Channel to = backend;
    if (to != null && bodyLeft > 0 && !held.isEmpty()) {
      int part = (int) Math.min(bodyLeft, held.length());
      bodyLeft -= part;
      bytes += part;
      // Taken out first: a write that fills or empties the channel comes back here.
      to.writeAndFlush(held.take(part), to.voidPromise());
    }
    boolean full = to != null && bodyLeft > 0 && !to.isWritable();
    boolean much = held.length() > MAX_HELD_BYTES;
    context().channel().config().setAutoRead(!full && !much);
  }

  void backendWritable() {
    if (bodyLeft > 0) {
      sendBody();
    }
  }

  // ---- from the backend

  boolean isHead() {
    return request().isHead;
  }

  void heard() {
    heardAt = loop().seconds();
  }

  /**
   * The answer's head was read.
   *
   * @return whether the client is to be told that the connection ends with it
   */
  boolean begins(int code, boolean untilClose) {
    state = State.ANSWERING;
    status = code;
    ends |= untilClose || bodyLeft > 0 || traffic.isDraining();
    return ends;
  }

  /** A piece of the answer, of which so many bytes are its body's. */
  void answer(ByteBuf out, int ofBody) {
    bytes += ofBody;
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
    finish();
    if (kept && bodyLeft == 0) {
      from.config().setAutoRead(true);
      loop().pool().give(address, from);
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
    refuse("502 Bad Gateway", "the backend's answer cannot be read");
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
    RelayRequest asked = request();
    if (!begun && attempts.mayRepeat(reused) && asked.bodyBytes == 0 && asked.isSafe) {
      attempt();
    } else {
      refuse("502 Bad Gateway", "the backend closed without an answer");
    }
  }

  /** The answer cannot be finished: the client must see that it is not whole. */
  void broken() {
    finish();
    context().flush();
    context().close();
  }

  private void refuse(String line, String why) {
    status = Integer.parseInt(line.substring(0, 3));
    leaveBackend();
    finish();
    String text = status + " " + why + "\n";
    String answer =
        "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(line, text.length(), text);
    ends = true;
    context()
        .writeAndFlush(Unpooled.copiedBuffer(answer, US_ASCII))
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
      over.head.release();
      traffic
          .counters()
          .request(
              over.route.options().ingress(),
              over.route.backend().orElseThrow().service(),
              status,
              bytes);
    }
  }

  /** Once a second: ends what has been silent for too long. */
  void look() {
    long silent = loop().seconds() - heardAt;
    if (state == State.IDLE) {
      if (silent > CLIENT_IDLE_SECONDS) {
        context().close();
      }
    } else if (silent > request().route.options().readTimeout().toSeconds()) {
      if (state == State.ANSWERING) {
        leaveBackend();
        broken();
      } else {
        refuse("504 Gateway Timeout", "the backend does not answer in time");
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    leaveBackend();
    finish();
    held.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    from.close(); // resets and bad TLS are clients' affairs
  }
}
