package dev.wherry.agent.ingress;

import dev.wherry.agent.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for HTTP and HTTPS and has each connection served. A port that somebody else has is tried
 * again every few seconds. Thread-safe.
 */
final class IngressServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IngressServer.class);

  /** Made with the first Ingress: a node without one loads no library for it. */
  static final Transport TRANSPORT = Transport.best();

  private static final int MAX_THREADS = 2;

  private static final long DRAIN_SECONDS = 10;
  private static final long PRUNE_SECONDS = 10;
  private static final long RETRY_SECONDS = 5;

  private final EventLoopGroup loops;
  private final IngressTraffic traffic;
  private final ClientConnections connections;
  private final List<Channel> listening = new CopyOnWriteArrayList<>();

  private IngressServer(
      EventLoopGroup loops, IngressTraffic traffic, IngressCertificates certificates) {
    this.loops = loops;
    this.traffic = traffic;
    this.connections = new ClientConnections(traffic, certificates);
  }

  /** Serves on these ports of every address; 0: not at all. */
  @SuppressWarnings("FutureReturnValueIgnored") // the schedule ends with its loop
  static IngressServer start(
      int httpPort, int httpsPort, IngressTraffic traffic, IngressCertificates certificates) {
    // The other half is the backends'; and connections that share a loop share its wake-ups.
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MAX_THREADS);
    IngressServer server =
        new IngressServer(TRANSPORT.loops(threads, "ingress"), traffic, certificates);
    server.listen(httpPort, "http");
    server.listen(httpsPort, "https");
    server.loops.scheduleAtFixedRate(
        traffic::prune, PRUNE_SECONDS, PRUNE_SECONDS, TimeUnit.SECONDS);
    return server;
  }

  private void listen(int port, String scheme) {
    if (port == 0) {
      return;
    }
    ChannelFuture bound = bind(port, scheme).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      LOG.error("port {} for routes cannot be had: {}", port, bound.cause().getMessage());
    }
    heed(bound, port, scheme);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the schedule ends with its loop
  private void heed(ChannelFuture bound, int port, String scheme) {
    if (bound.isSuccess()) {
      listening.add(bound.channel());
      LOG.info("routes are served on port {} ({})", port, scheme);
    } else if (!loops.isShuttingDown()) {
      loops.schedule(() -> tryAgain(port, scheme), RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // heeded by the listener
  private void tryAgain(int port, String scheme) {
    if (!loops.isShuttingDown()) {
      bind(port, scheme).addListener((ChannelFuture bound) -> heed(bound, port, scheme));
    }
  }

  private ChannelFuture bind(int port, String scheme) {
    return new ServerBootstrap()
        .group(loops)
        .channel(TRANSPORT.serverChannel())
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOCATOR, TRANSPORT.allocator())
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                connections.furnish(channel, scheme, port);
              }
            })
        .bind(port);
  }

  /** The ports that are served. */
  List<Integer> ports() {
    return listening.stream()
        .map(each -> ((InetSocketAddress) each.localAddress()).getPort())
        .toList();
  }

  /** Takes no more connections, lets answers under way be finished, ends. */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the loops' threads are daemons
  public void close() {
    traffic.drain();
    listening.forEach(each -> each.close().awaitUninterruptibly());
    loops.shutdownGracefully(1, DRAIN_SECONDS, TimeUnit.SECONDS);
  }
}
