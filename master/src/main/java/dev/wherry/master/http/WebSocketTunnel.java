package dev.wherry.master.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/**
 * Carries another protocol's bytes in the messages of a WebSocket, whose borders mean nothing, as
 * kubectl 1.31 and later send SPDY through proxies that know WebSockets alone. Confined to the
 * event loop.
 */
final class WebSocketTunnel extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
  @Override
  protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
    out.add(new BinaryWebSocketFrame(bytes.retain()));
  }

  @Override
  protected void decode(ChannelHandlerContext context, WebSocketFrame message, List<Object> out) {
    out.add(message.content().retain());
  }
}
