package dev.wherry.master.http;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
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
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code v5.channel.k8s.io} and {@code v4.channel.k8s.io} over WebSocket: the first byte of a
 * message says which stream it belongs to; in v5 a message of 255 and a stream's number ends that
 * stream. The handler's methods are confined to the event loop, those of the client are
 * thread-safe.
 */
final class WebSocketCommandClient extends ChannelInboundHandlerAdapter implements CommandClient {
  static final List<String> PROTOCOLS = List.of("v5.channel.k8s.io", "v4.channel.k8s.io");

  private static final Logger LOG = LoggerFactory.getLogger(WebSocketCommandClient.class);
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;
  private static final int CLOSE = 255;

  private final Channel channel;
  private final Inbox stdin;
  private final Inbox resizes;
  private final Connector.ExecOptions options;
  private final Runnable whenGone;

  WebSocketCommandClient(Channel channel, Connector.ExecOptions options, Runnable whenGone) {
    this.channel = channel;
    this.options = options;
    this.whenGone = whenGone;
    ReadPause pause = new ReadPause(channel);
    this.stdin = new Inbox(pause);
    this.resizes = new Inbox(pause);
  }

  /** Tells the client that its command runs: an empty message, as Kubernetes sends it. */
  void greet() throws IOException {
    new Output(options.stdout() ? STDOUT : options.stderr() ? STDERR : ERROR)
        .send(new byte[0], 0, 0);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof WebSocketFrame data) {
        take(data.content());
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(ByteBuf content) {
    if (!content.isReadable()) {
      return;
    }
    int stream = content.readUnsignedByte();
    byte[] bytes = new byte[content.readableBytes()];
    content.readBytes(bytes);
    switch (stream) {
      case STDIN -> stdin.put(bytes);
      case RESIZE -> resizes.put(bytes);
      case CLOSE -> {
        if (bytes.length == 1 && bytes[0] == STDIN) {
          stdin.end();
        }
      }
      default -> LOG.debug("a message for stream {}", stream);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stdin.end();
    resizes.end();
    whenGone.run();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection to a pod failed: {}", cause.toString());
    context.close();
  }

  @Override
  public InputStream stdin() {
    return stdin;
  }

  @Override
  public OutputStream stdout() {
    return options.stdout() ? new Output(STDOUT) : OutputStream.nullOutputStream();
  }

  @Override
  public OutputStream stderr() {
    return options.stderr() ? new Output(STDERR) : OutputStream.nullOutputStream();
  }

  @Override
  public InputStream resizes() {
    return resizes;
  }

  @Override
  public void finish(Obj status) throws IOException {
    byte[] text = Json.write(status);
    new Output(ERROR).send(text, 0, text.length);
    channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
  }

  /** One stream towards the client. */
  private final class Output extends OutputStream {
    private final int stream;

    Output(int stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0) {
        send(bytes, offset, length);
      }
    }

    private void send(byte[] bytes, int offset, int length) throws IOException {
      ByteBuf message = Unpooled.buffer(length + 1).writeByte(stream);
      message.writeBytes(bytes, offset, length);
      Streams.await(channel.writeAndFlush(new BinaryWebSocketFrame(message)));
    }
  }
}
