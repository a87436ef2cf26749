package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports forwarded over a WebSocket of {@code v4.channel.k8s.io}, as client libraries ask for it:
 * the ports stand in the request, each has one connection and two channels, the first for data and
 * the second for what went wrong, and each channel begins with the port's number in two bytes, the
 * low one first. The handler's methods are confined to the event loop.
 */
final class WebSocketPortForward extends ChannelInboundHandlerAdapter {
  static final String PROTOCOL = "v4.channel.k8s.io";
  static final int MAX_PORTS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(WebSocketPortForward.class);

  private final List<Integer> ports;
  private final List<Inbox> inboxes = new ArrayList<>();

  WebSocketPortForward(Channel channel, List<Integer> ports) {
    this.ports = List.copyOf(ports);
    ReadPause pause = new ReadPause(channel);
    ports.forEach(_ -> inboxes.add(new Inbox(pause)));
  }

  /**
   * The ports that the query names, each parameter one or some between commas.
   *
   * @throws StatusException BAD_REQUEST for none, too many, or what is no port
   */
  static List<Integer> ports(Query query) {
    List<Integer> ports = new ArrayList<>();
    for (String parameter : query.all("ports")) {
      for (String each : parameter.split(",", -1)) {
        ports.add(port(each));
      }
    }
    if (ports.isEmpty()) {
      throw StatusException.badRequest("query parameter \"ports\" is required");
    }
    if (ports.size() > MAX_PORTS) {
      throw StatusException.badRequest("more than " + MAX_PORTS + " ports in one request");
    }
    return ports;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      LOG.debug("no port: {}", e.getMessage());
    }
    throw StatusException.badRequest("port \"" + text + "\" must be between 1 and 65535");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof WebSocketFrame frame && frame.content().isReadable()) {
        ByteBuf content = frame.content();
        int channel = content.readUnsignedByte();
        if (channel % 2 == 0 && channel / 2 < inboxes.size()) {
          byte[] bytes = new byte[content.readableBytes()];
          content.readBytes(bytes);
          inboxes.get(channel / 2).put(bytes);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inboxes.forEach(Inbox::end);
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection to a pod failed: {}", cause.toString());
    context.close();
  }

  /** Serves every port until each has ended or the client has gone; then closes. */
  void run(Channel channel, PortRelay relay) throws IOException {
    List<Thread> relays = new ArrayList<>();
    for (int i = 0; i < ports.size(); i++) {
      int port = ports.get(i);
      OutputStream data = new Output(channel, 2 * i);
      OutputStream error = new Output(channel, 2 * i + 1);
      byte[] number = {(byte) port, (byte) (port >>> 8)};
      data.write(number);
      error.write(number);
      Inbox input = inboxes.get(i);
      relays.add(
          Thread.ofVirtual().start(() -> relay.run(Integer.toString(port), input, data, error)));
    }
    try {
      for (Thread each : relays) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ports were forwarded", e);
    }
    channel
        .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
        .addListener(_ -> channel.close());
  }

  /** One channel towards the client. Closing it says nothing: only the connection has an end. */
  private static final class Output extends OutputStream {
    private final Channel channel;
    private final int number;

    Output(Channel channel, int number) {
      this.channel = channel;
      this.number = number;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuf message = Unpooled.buffer(length + 1).writeByte(number);
      message.writeBytes(bytes, offset, length);
      Streams.await(channel.writeAndFlush(new BinaryWebSocketFrame(message)));
    }
  }
}
