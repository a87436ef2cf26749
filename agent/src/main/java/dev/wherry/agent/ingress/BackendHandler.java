package dev.wherry.agent.ingress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection to a backend: hands what comes to the exchange that has it now. Confined
 * to the connection's event loop.
 */
final class BackendHandler extends ChannelInboundHandlerAdapter {
  private @Nullable Exchange exchange;

  static BackendHandler of(Channel backend) {
    return (BackendHandler) backend.pipeline().get("backend");
  }

  /** What comes next is this exchange's. */
  void serve(Exchange next) {
    exchange = next;
  }

  /** Nobody's any more. */
  void leave() {
    exchange = null;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Exchange now = exchange;
    if (now == null) {
      // Nobody asked: the two sides no longer agree on what is said to whom.
      ReferenceCountUtil.release(message);
      context.close();
      return;
    }
    now.fromBackend(message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    Exchange now = exchange;
    if (now != null) {
      now.backendReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Exchange now = exchange;
    if (now != null && context.channel().isWritable()) {
      now.backendWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Exchange now = exchange;
    exchange = null;
    if (now != null) {
      now.backendEnded();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
