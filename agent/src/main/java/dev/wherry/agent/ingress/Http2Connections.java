package dev.wherry.agent.ingress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Connections to backends in HTTP/2, one to each, whose streams carry a request each. A connection
 * that its backend says goodbye to (GOAWAY) takes no more of them and ends with its last. Confined
 * to its event loop.
 */
final class Http2Connections {
  /** Makes a connection that is furnished with these handlers. */
  interface Connector {
    Future<Channel> connect(InetSocketAddress backend, Duration patience, ChannelHandler codecs);
  }

  private final EventLoop loop;
  private final Connector connector;
  private final Map<InetSocketAddress, Future<Channel>> connections = new HashMap<>();

  /** Those that take no more streams. */
  private final Set<Channel> leaving = new HashSet<>();

  Http2Connections(EventLoop loop, Connector connector) {
    this.loop = loop;
    this.connector = connector;
  }

  /** A stream of the connection to a backend, which is made where there is none. */
  Future<Channel> stream(InetSocketAddress backend, Duration patience) {
    Promise<Channel> stream = loop.newPromise();
    Future<Channel> connection = connections.get(backend);
    if (connection == null || connection.isDone() && !isActive(connection)) {
      connection = connector.connect(backend, patience, new Codecs(backend));
      connections.put(backend, connection);
    }
    connection.addListener(
        (Future<Channel> connected) -> {
          if (connected.isSuccess()) {
            openStream(connected.getNow(), stream);
          } else {
            stream.tryFailure(connected.cause());
          }
        });
    return stream;
  }

  private static boolean isActive(Future<Channel> done) {
    return done.isSuccess() && done.getNow().isActive();
  }

  private static void openStream(Channel connection, Promise<Channel> promise) {
    new Http2StreamChannelBootstrap(connection)
        .option(ChannelOption.AUTO_READ, false)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                stream
                    .pipeline()
                    .addLast(new Http2StreamFrameToHttpObjectCodec(false))
                    .addLast("backend", new BackendHandler());
              }
            })
        .open()
        .addListener(
            (Future<Http2StreamChannel> opened) -> {
              if (opened.isSuccess()) {
                promise.trySuccess(opened.getNow());
              } else {
                promise.tryFailure(opened.cause());
              }
            });
  }

  private final class Codecs extends ChannelInitializer<Channel> {
    private final InetSocketAddress backend;

    Codecs(InetSocketAddress backend) {
      this.backend = backend;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel.config().setAutoRead(true); // streams have windows of their own
      channel
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forClient()
                  .initialSettings(Http2Settings.defaultSettings())
                  .encoderEnforceMaxConcurrentStreams(true) // those past it wait for their turn
                  .build())
          .addLast(new Http2MultiplexHandler(new RefusedPush()))
          .addLast(new Goodbye(backend));
    }
  }

  /** Hears that a connection takes no more streams. */
  private final class Goodbye extends ChannelInboundHandlerAdapter {
    private final InetSocketAddress backend;

    Goodbye(InetSocketAddress backend) {
      this.backend = backend;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      if (frame instanceof Http2GoAwayFrame) {
        Future<Channel> connection = connections.get(backend);
        if (connection != null && connection.getNow() == context.channel()) {
          connections.remove(backend);
        }
        leaving.add(context.channel());
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      leaving.remove(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // its streams learn of it by their ends
    }
  }

  /** Backends push nothing: the settings say so, and a stream that comes all the same ends. */
  @ChannelHandler.Sharable
  private static final class RefusedPush extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.close();
    }
  }

  /** Closes connections to backends that are none any more, and those that were left. */
  void prune(Set<InetSocketAddress> inUse) {
    connections
        .entrySet()
        .removeIf(
            each -> {
              boolean over = !inUse.contains(each.getKey()) && each.getValue().isDone();
              if (over && isActive(each.getValue())) {
                leaving.add(each.getValue().getNow());
              }
              return over;
            });
    for (Channel each : Set.copyOf(leaving)) {
      if (each.pipeline().get(Http2FrameCodec.class).connection().numActiveStreams() == 0) {
        each.close();
        leaving.remove(each);
      }
    }
  }
}
