package dev.wherry.master.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers the control frames of a WebSocket (RFC 6455, 5.5), so that whole messages alone come to
 * the handlers behind it. Confined to the event loop.
 */
final class WebSocketControl extends ChannelInboundHandlerAdapter {
  /** The longest message that a client may send. */
  static final int MAX_MESSAGE_BYTES = 1024 * 1024;

  /**
   * Makes the connection a WebSocket with these handlers at its end; returns when it is done.
   *
   * @param protocol that was agreed on; empty where none was asked for
   */
  static Channel upgrade(
      ApiRequest request, Exchange exchange, String protocol, List<? extends ChannelHandler> last)
      throws IOException {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .maxFramePayloadLength(MAX_MESSAGE_BYTES)
            .build();
    List<ChannelHandler> handlers = new ArrayList<>();
    handlers.add(new WebSocket13FrameEncoder(false));
    handlers.add(new WebSocket13FrameDecoder(config));
    handlers.add(new WebSocketFrameAggregator(MAX_MESSAGE_BYTES));
    handlers.add(new WebSocketControl());
    handlers.addAll(last);
    return Upgrade.perform(exchange, WebSocketHandshake.answer(request, protocol), handlers);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    switch (message) {
      case PingWebSocketFrame ping -> context.writeAndFlush(new PongWebSocketFrame(ping.content()));
      case PongWebSocketFrame pong -> ReferenceCountUtil.release(pong);
      case CloseWebSocketFrame close -> {
        ReferenceCountUtil.release(close);
        context.close();
      }
      default -> context.fireChannelRead(message);
    }
  }
}
