package dev.wherry.master.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A watch over a WebSocket, one event a text message, as some client libraries ask for it. The
 * handler's methods are confined to the event loop, the stream to the thread that writes.
 */
final class WebSocketWatch extends ChannelInboundHandlerAdapter {
  private final Runnable whenGone;

  WebSocketWatch(Runnable whenGone) {
    this.whenGone = whenGone;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message); // a watcher has nothing to say
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    whenGone.run();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close(); // the client finds its connection gone and watches again
  }

  /** Sends each line that is written as a message; closing it closes the connection. */
  static OutputStream lines(Channel channel) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        int start = offset;
        for (int i = offset; i < offset + length; i++) {
          if (bytes[i] == '\n') {
            send(bytes, start, i - start);
            start = i + 1;
          }
        }
      }

      private void send(byte[] bytes, int start, int length) throws IOException {
        Streams.await(
            channel.writeAndFlush(
                new TextWebSocketFrame(Unpooled.copiedBuffer(bytes, start, length))));
      }

      @Override
      public void close() {
        channel
            .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
            .addListener(_ -> channel.close());
      }
    };
  }
}
