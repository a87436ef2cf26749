package dev.wherry.agent.services.userspace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;

/**
 * One end of a relayed connection: what it reads is written to the other end, and it reads on only
 * when that takes it, so that no more than a few buffers wait in between. The end of one direction
 * is passed on by itself; a reset ends both. Confined to the loop that both ends share.
 */
final class TcpRelay extends ChannelInboundHandlerAdapter {
  private final SocketChannel other;
  private final Target target;

  private TcpRelay(SocketChannel other, Target target) {
    this.other = other;
    this.target = target;
  }

  /** Begins to relay between two connections of one loop. */
  static void join(SocketChannel client, SocketChannel backend, Target target) {
    target.opened();
    client.pipeline().addLast(new TcpRelay(backend, target));
    backend.pipeline().addLast(new TcpRelay(client, target));
    readOn(client);
    readOn(backend);
  }

  /** An end that has sent its last would be closed altogether by another read. */
  private static void readOn(SocketChannel channel) {
    if (!channel.isInputShutdown()) {
      channel.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    target.carried(((ByteBuf) message).readableBytes());
    other.write(message, other.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    other.flush();
    if (other.isWritable()) {
      readOn((SocketChannel) context.channel());
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      readOn(other);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      other
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(_ -> ignoreFailure(other.shutdownOutput()));
      if (other.isInputShutdown()) {
        context.close();
      }
    }
  }

  /** A half that is closed already needs no closing. */
  private static void ignoreFailure(io.netty.channel.ChannelFuture done) {
    done.addListener(each -> each.cause());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (other.isActive()) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    reset(context.channel());
    reset(other);
  }

  /** Ends a connection so that its peer hears of it as of a failure. */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }
}
