package dev.wherry.agent.ingress;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections to backends that wait for their next request, of one event loop: a request goes out
 * on the loop that it came in on, and nothing here is shared. Confined to that loop.
 */
final class BackendPool {
  /** Idle connections to one backend; more are closed when their request is done. */
  static final int MAX_IDLE = 32;

  /** Shorter than servers commonly keep them. */
  static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);

  static final int MAX_HEADER_BYTES = 65_536;
  private static final int MAX_LINE_BYTES = 16_384;
  private static final int MAX_CHUNK_BYTES = 65_536;

  private record Idle(Channel channel, long sinceNanos) {}

  private final EventLoop loop;
  private final ChannelHandler initializer;
  private final Optional<TlsClient> tls;
  private final Map<InetSocketAddress, Deque<Idle>> idle = new HashMap<>();
  private final Http2Connections http2;

  /**
   * @param initializer furnishes the pipelines of connections in HTTP/1.1
   * @param tls what encrypts them; empty: they are in clear text
   */
  BackendPool(EventLoop loop, ChannelHandler initializer, Optional<TlsClient> tls) {
    this.loop = loop;
    this.initializer = initializer;
    this.tls = tls;
    this.http2 = new Http2Connections(loop, this::connect);
  }

  /** Furnishes connections of messages in objects. */
  @ChannelHandler.Sharable
  static final class Codecs extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast("codec", new HttpClientCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES))
          .addLast("backend", new BackendHandler());
    }
  }

  /** The scheme of what is asked for over these connections. */
  String scheme() {
    return tls.isPresent() ? "https" : "http";
  }

  /** A connection that waits; null: there is none. */
  @Nullable Channel takeIdle(InetSocketAddress backend) {
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

  /** A new connection in HTTP/1.1; fails too where the two sides do not agree about TLS. */
  Future<Channel> connect(InetSocketAddress backend, Duration patience) {
    return connect(backend, patience, initializer);
  }

  private Future<Channel> connect(
      InetSocketAddress backend, Duration patience, ChannelHandler codecs) {
    Promise<Channel> reached = loop.newPromise();
    bootstrap(tls.isEmpty() ? codecs : encrypted(tls.get(), codecs))
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(patience.toMillis()))
        .connect(backend)
        .addListener(
            (ChannelFuture done) -> {
              if (!done.isSuccess()) {
                reached.tryFailure(done.cause());
              } else if (tls.isEmpty()) {
                reached.trySuccess(done.channel());
              } else {
                agree(done.channel(), reached);
              }
            });
    return reached;
  }

  private static ChannelHandler encrypted(TlsClient client, ChannelHandler codecs) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(client.handler(channel.alloc())).addLast(codecs);
      }
    };
  }

  private static void agree(Channel channel, Promise<Channel> reached) {
    channel
        .pipeline()
        .get(SslHandler.class)
        .handshakeFuture()
        .addListener(
            agreed -> {
              if (agreed.isSuccess()) {
                reached.trySuccess(channel);
              } else {
                channel.close();
                reached.tryFailure(new DisagreementException(agreed.cause()));
              }
            });
  }

  /** A backend was reached, and TLS could not be agreed upon with it; says why. */
  static final class DisagreementException extends IOException {
    private static final long serialVersionUID = 1L;

    DisagreementException(Throwable cause) {
      super(innermost(cause).getMessage(), cause);
    }

    /** Libraries wrap what a certificate lacks in the news that a handshake has failed. */
    private static Throwable innermost(Throwable cause) {
      Throwable at = cause;
      for (int i = 0; i < 8 && at.getCause() != null; i++) {
        at = at.getCause();
      }
      return at;
    }
  }

  private Bootstrap bootstrap(ChannelHandler handler) {
    return new Bootstrap()
        .group(loop)
        .channel(IngressServer.TRANSPORT.channel())
        .option(ChannelOption.ALLOCATOR, IngressServer.TRANSPORT.allocator())
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
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
  Future<Channel> stream(InetSocketAddress backend, Duration patience) {
    return http2.stream(backend, patience);
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
    http2.prune(inUse);
  }

  /** Connections that wait now. */
  int waiting() {
    return idle.values().stream().mapToInt(Deque::size).sum();
  }
}
