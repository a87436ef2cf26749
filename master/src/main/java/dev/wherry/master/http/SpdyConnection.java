package dev.wherry.master.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a SPDY/3.1 connection as Kubernetes' clients use it after an upgrade: the
 * client opens streams, told apart by their headers. They know no flow control of single streams
 * and send no window updates; the connection's own back-pressure serves.
 *
 * <p>Confined to the channel's event loop.
 */
final class SpdyConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(SpdyConnection.class);

  /** How many streams a client may have open; one port-forwarded connection takes two. */
  static final int MAX_STREAMS = 512;

  /** Who uses the streams. Called on the event loop: must not block. */
  interface Listener {
    void opened(SpdyStream stream);

    /** The connection is over. */
    void closed();
  }

  private final Listener listener;
  private final ReadPause pause;
  private final Map<Integer, SpdyStream> streams = new HashMap<>();

  SpdyConnection(Channel channel, Listener listener) {
    this.listener = listener;
    this.pause = new ReadPause(channel);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      switch (message) {
        case SpdySynStreamFrame syn -> open(context, syn);
        case SpdyDataFrame data -> take(context, data);
        case SpdyRstStreamFrame reset -> leave(reset.streamId());
        case SpdyPingFrame ping -> {
          if (ping.id() % 2 == 1) { // the client's own; even ones would be answers to ours
            context.writeAndFlush(new DefaultSpdyPingFrame(ping.id()));
          }
        }
        default -> LOG.trace("a frame of no use: {}", message);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void open(ChannelHandlerContext context, SpdySynStreamFrame syn) {
    int id = syn.streamId();
    if (syn.isInvalid() || streams.size() >= MAX_STREAMS || streams.containsKey(id)) {
      context.writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
      return;
    }
    Map<String, String> headers = new HashMap<>();
    for (Map.Entry<CharSequence, CharSequence> header : syn.headers()) {
      headers.put(
          header.getKey().toString().toLowerCase(Locale.ROOT), header.getValue().toString());
    }
    SpdyStream stream = new SpdyStream(id, headers, context.channel(), pause, this::leave);
    streams.put(id, stream);
    DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
    reply.headers().set("accepted", "true"); // an empty block of headers hangs the client
    context.writeAndFlush(reply);
    if (syn.isLast()) {
      stream.inbox().end();
    }
    listener.opened(stream);
  }

  private void take(ChannelHandlerContext context, SpdyDataFrame data) {
    SpdyStream stream = streams.get(data.streamId());
    if (stream == null) {
      context.writeAndFlush(
          new DefaultSpdyRstStreamFrame(data.streamId(), SpdyStreamStatus.INVALID_STREAM));
      return;
    }
    stream.inbox().put(ByteBufUtil.getBytes(data.content()));
    if (data.isLast()) {
      stream.inbox().end();
    }
  }

  /** Its number comes not again; what comes for it is refused. */
  private void leave(int id) {
    SpdyStream stream = streams.remove(id);
    if (stream != null) {
      stream.inbox().end();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    streams.values().forEach(stream -> stream.inbox().end());
    streams.clear();
    listener.closed();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection to a pod failed: {}", cause.toString());
    context.close();
  }
}
