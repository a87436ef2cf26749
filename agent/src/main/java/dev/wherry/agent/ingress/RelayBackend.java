package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The backend's end of a relay: reads a response's head, hands it on rewritten and then the body as
 * it comes, up to where its framing says that it ends (RFC 9112, 6.3). Confined to its event loop.
 *
 * <pre>
 * IDLE --request--> HEAD --no body--> IDLE
 *                     |--Content-Length--> LENGTH --all of it--> IDLE
 *                     |--chunked--> CHUNKS --the last one--> IDLE
 *                     '--neither--> UNTIL_CLOSE --> the connection ends
 * </pre>
 */
final class RelayBackend extends ChannelInboundHandlerAdapter {
  /** Bodies up to this go out in one piece with their heads. */
  private static final int SMALL_BODY_BYTES = 4_096;

  private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private enum State {
    IDLE,
    HEAD,
    LENGTH,
    CHUNKS,
    UNTIL_CLOSE
  }

  private final RelayLoop shared;
  private final ChunkedBody chunks = new ChunkedBody();
  private State state = State.IDLE;
  private long remaining;
  private boolean reusable;
  private @Nullable Relay relay;

  /** Of a head that is not whole. */
  private final HeldBytes held = new HeldBytes();

  RelayBackend(RelayLoop shared) {
    this.shared = shared;
  }

  /** The next response is this relay's. */
  void serve(Relay next) {
    relay = next;
    state = State.HEAD;
  }

  /** Nobody's any more. */
  void leave() {
    relay = null;
    state = State.IDLE;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    Relay to = relay;
    if (to == null) {
      // Nobody asked: the two sides no longer agree on what is said to whom.
      in.release();
      context.close();
      return;
    }
    to.heard();
    if (state == State.HEAD) {
      held.add(in, context.alloc());
      head(context, to);
    } else {
      body(context, to, in);
    }
  }

  private void head(ChannelHandlerContext context, Relay to) {
    boolean more = true;
    while (more && !held.isEmpty()) {
      more = false;
      switch (shared.read(held.peek())) {
        case INCOMPLETE -> {}
        case MALFORMED -> unreadable(context, to);
        case WHOLE -> {
          HttpHead head = shared.head();
          int status = status(head);
          if (status >= 100 && status < 200 && status != 101) {
            held.skip(head.end()); // the client was told to go on, or does without
            more = true;
          } else if (status < 200 || !frame(head, status, to)) {
            unreadable(context, to);
          } else {
            answer(context, to, status, held.take(Integer.MAX_VALUE).skipBytes(head.end()));
          }
        }
      }
    }
  }

  private void unreadable(ChannelHandlerContext context, Relay to) {
    held.release();
    to.refuseAnswer();
    context.close();
  }

  /** The status code of {@code HTTP/1.x NNN ...}; -1: it is no such line. */
  private static int status(HttpHead head) {
    byte[] bytes = head.bytes();
    int end = head.lineEnd();
    if (end < 12 || !head.hasAt(0, VERSION) || bytes[8] != ' ') {
      return -1;
    }
    int code = 0;
    for (int i = 9; i < 12; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return -1;
      }
      code = code * 10 + bytes[i] - '0';
    }
    return end == 12 || bytes[12] == ' ' ? code : -1;
  }

  /** Decides where the body ends; false: that cannot be known. */
  private boolean frame(HttpHead head, int status, Relay to) {
    boolean length = head.has(Field.CONTENT_LENGTH);
    boolean coded = head.has(Field.TRANSFER_ENCODING);
    boolean old = head.bytes()[7] == '0';
    if (head.repeatsAny(Field.CONTENT_LENGTH.bit() | Field.TRANSFER_ENCODING.bit())
        || length && coded
        || coded && (old || !head.is(Field.TRANSFER_ENCODING, "chunked"))
        || length && head.contentLength() < 0) {
      return false;
    }
    String named = connection(head);
    reusable = old ? Hygiene.names(named, "keep-alive") : !Hygiene.names(named, "close");
    if (to.isHead() || status == 204 || status == 304) {
      remaining = 0;
      state = State.LENGTH;
    } else if (length) {
      remaining = head.contentLength();
      state = State.LENGTH;
    } else if (coded) {
      chunks.begin();
      state = State.CHUNKS;
    } else {
      reusable = false;
      state = State.UNTIL_CLOSE;
    }
    return true;
  }

  private static String connection(HttpHead head) {
    if (!head.has(Field.CONNECTION)) {
      return "";
    }
    if (!head.repeatsAny(Field.CONNECTION.bit())) {
      return head.value(head.index(Field.CONNECTION));
    }
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < head.count(); i++) {
      if (head.field(i) == Field.CONNECTION) {
        all.append(head.value(i)).append(',');
      }
    }
    return all.toString();
  }

  private void answer(ChannelHandlerContext context, Relay to, int status, ByteBuf in) {
    HttpHead head = shared.head();
    boolean closes = to.begins(status, state == State.UNTIL_CLOSE);
    shared
        .writer()
        .response(
            head,
            connection(head),
            closes ? HeadWriter.Connection.CLOSED : HeadWriter.Connection.KEPT);
    int small = in.readableBytes() <= SMALL_BODY_BYTES ? in.readableBytes() : 0;
    ByteBuf out = shared.writer().take(context.alloc(), small);
    if (small == 0 && in.isReadable()) {
      to.answer(out, 0);
      body(context, to, in);
      return;
    }
    int part = part(in);
    if (part < 0) {
      out.release();
      in.release();
      to.broken();
      context.close();
      return;
    }
    out.writeBytes(in, part);
    to.answer(out, part);
    over(context, to, in);
  }

  private void body(ChannelHandlerContext context, Relay to, ByteBuf in) {
    int part = part(in);
    if (part < 0) {
      in.release();
      to.broken();
      context.close();
    } else if (part == in.readableBytes()) {
      to.answer(in, part);
      over(context, to, Unpooled.EMPTY_BUFFER);
    } else {
      to.answer(in.readRetainedSlice(part), part);
      over(context, to, in);
    }
  }

  /** How many of these bytes are the body's; -1: they are none. */
  private int part(ByteBuf in) {
    return switch (state) {
      case LENGTH -> {
        int part = (int) Math.min(remaining, in.readableBytes());
        remaining -= part;
        yield part;
      }
      case CHUNKS -> chunks.follow(in);
      case UNTIL_CLOSE -> in.readableBytes();
      case IDLE, HEAD -> -1;
    };
  }

  /** Looks whether the answer is whole; what is left then was not asked for. */
  private void over(ChannelHandlerContext context, Relay to, ByteBuf rest) {
    boolean whole =
        state == State.LENGTH && remaining == 0 || state == State.CHUNKS && chunks.isOver();
    boolean more = rest.isReadable();
    rest.release();
    if (whole) {
      boolean kept = reusable && !more;
      leave();
      to.answered(context.channel(), kept);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    Relay to = relay;
    if (to != null) {
      to.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Relay to = relay;
    if (to != null && context.channel().isWritable()) {
      to.backendWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Relay to = relay;
    boolean whole = state == State.UNTIL_CLOSE;
    boolean begun = !held.isEmpty();
    held.release();
    leave();
    if (to != null && whole) {
      to.answered(context.channel(), false);
    } else if (to != null) {
      to.backendEnded(begun);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    state = State.IDLE; // a reset is no end of a body
    context.close();
  }
}
