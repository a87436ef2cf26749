package dev.wherry.master.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client whose connection carries bytes that mean nothing to us. The handler's methods are
 * confined to the event loop, each stream to one thread.
 */
final class RawClient extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(RawClient.class);

  private final Channel channel;
  private final Inbox inbox;

  RawClient(Channel channel) {
    this.channel = channel;
    this.inbox = new Inbox(new ReadPause(channel));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof ByteBuf bytes) {
        inbox.put(ByteBufUtil.getBytes(bytes));
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inbox.end();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection that is carried on failed: {}", cause.toString());
    context.close();
  }

  /** Sends on what the client says until it goes, then closes the other side. */
  void copyTo(OutputStream other) {
    try (other) {
      Streams.copy(inbox, other);
    } catch (IOException e) {
      LOG.debug("a connection that is carried on ended early: {}", e.toString());
    }
  }

  /** What the client says is dropped from now on. */
  void close() {
    inbox.close();
  }

  /** To the client; closing it closes the connection. */
  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        Streams.await(channel.writeAndFlush(Unpooled.copiedBuffer(bytes, offset, length)));
      }

      @Override
      public void close() {
        channel.close();
      }
    };
  }
}
