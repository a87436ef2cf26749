package dev.wherry.agent.ingress;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Connections to backends that wait for their next request, of one event loop: a request goes out
 * on the loop that it came in on, and nothing here is shared. Confined to that loop.
 */
final class BackendPool {
  /** Idle connections to one backend; more are closed when their request is done. */
  static final int MAX_IDLE = 32;

  /** Shorter than servers commonly keep them. */
  static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  static final int MAX_HEADER_BYTES = 65_536;
  private static final int MAX_LINE_BYTES = 16_384;
  private static final int MAX_CHUNK_BYTES = 65_536;

  private record Idle(Channel channel, long sinceNanos) {}

  private final EventLoop loop;
  private final ChannelHandler initializer;
  private final Map<InetSocketAddress, Deque<Idle>> idle = new HashMap<>();
  private final Map<InetSocketAddress, ChannelFuture> http2 = new HashMap<>();

  /** Connections of messages in objects, in HTTP/1.1 or HTTP/2. */
  BackendPool(EventLoop loop) {
    this(loop, new Codecs());
  }

  /**
   * @param initializer furnishes the pipelines of connections in HTTP/1.1
   */
  BackendPool(EventLoop loop, ChannelHandler initializer) {
    this.loop = loop;
    this.initializer = initializer;
  }

  @ChannelHandler.Sharable
  private static final class Codecs extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast("codec", new HttpClientCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES))
          .addLast("backend", new BackendHandler());
    }
  }

  /** A connection that waits; null: there is none. */
  @org.jspecify.annotations.Nullable
  Channel takeIdle(InetSocketAddress backend) {
    Deque<Idle> waiting = idle.get(backend);
    while (waiting != null && !waiting.isEmpty()) {
      Idle last = waiting.pollLast(); // the one that was used last is the least likely to be closed
      if (last.channel().isActive() && System.nanoTime() - last.sinceNanos() < IDLE_NANOS) {
        return last.channel();
      }
      last.channel().close();
    }
    return null;
  }

  ChannelFuture connect(InetSocketAddress backend) {
    return bootstrap(initializer).connect(backend);
  }

  private Bootstrap bootstrap(ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channel(IngressServer.TRANSPORT.channel())
        .option(ChannelOption.ALLOCATOR, IngressServer.TRANSPORT.allocator())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
        .handler(handler);
  }

  /** Keeps a connection whose exchange is over. */
  void give(InetSocketAddress backend, Channel channel) {
    Deque<Idle> waiting = idle.computeIfAbsent(backend, _ -> new ArrayDeque<>());
    if (!channel.isActive() || waiting.size() >= MAX_IDLE) {
      channel.close();
      return;
    }
    waiting.addLast(new Idle(channel, System.nanoTime()));
    channel.read(); // so that its end is seen
  }

  /** A stream of the one HTTP/2 connection to a backend. */
  Future<Channel> stream(InetSocketAddress backend) {
    Promise<Channel> stream = loop.newPromise();
    ChannelFuture connection = http2.get(backend);
    if (connection == null || connection.isDone() && !connection.channel().isActive()) {
      connection = connectHttp2(backend);
      http2.put(backend, connection);
    }
    connection.addListener(
        connected -> {
          if (connected.isSuccess()) {
            openStream(((ChannelFuture) connected).channel(), stream);
          } else {
            stream.tryFailure(connected.cause());
          }
        });
    return stream;
  }

  private void openStream(Channel connection, Promise<Channel> promise) {
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

  private ChannelFuture connectHttp2(InetSocketAddress backend) {
    return bootstrap(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.config().setAutoRead(true); // streams have windows of their own
                channel
                    .pipeline()
                    .addLast(
                        Http2FrameCodecBuilder.forClient()
                            .initialSettings(Http2Settings.defaultSettings())
                            .build())
                    .addLast(new Http2MultiplexHandler(new RefusedPush()));
              }
            })
        .connect(backend);
  }

  /** Backends push nothing: the settings say so, and a stream that comes all the same ends. */
  @io.netty.channel.ChannelHandler.Sharable
  private static final class RefusedPush extends io.netty.channel.ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(io.netty.channel.ChannelHandlerContext context) {
      context.close();
    }
  }

  /** Closes what waits for backends that are none any more, and what has waited too long. */
  void prune(Set<InetSocketAddress> inUse) {
    long now = System.nanoTime();
    idle.forEach(
        (backend, waiting) ->
            waiting.removeIf(
                each -> {
                  boolean over = !inUse.contains(backend) || now - each.sinceNanos() > IDLE_NANOS;
                  if (over) {
                    each.channel().close();
                  }
                  return over;
                }));
    idle.values().removeIf(Deque::isEmpty);
    http2
        .entrySet()
        .removeIf(
            each -> {
              boolean over = !inUse.contains(each.getKey()) && each.getValue().isDone();
              if (over) {
                each.getValue().channel().close();
              }
              return over;
            });
  }

  /** Connections that wait now. */
  int waiting() {
    return idle.values().stream().mapToInt(Deque::size).sum();
  }
}
