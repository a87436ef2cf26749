package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Where agents reach the {@link FleetService}. */
public final class FleetServer implements AutoCloseable {
  private static final int FLOW_CONTROL_BYTES = 128 * 1024;

  private final Server server;

  private final Runnable afterwards;

  private FleetServer(Server server, Runnable afterwards) {
    this.server = server;
    this.afterwards = afterwards;
  }

  /**
   * How agents on other machines, or in other processes, are served.
   *
   * @param address port 0 takes any that is free
   * @param key the server's private key
   * @param chain its certificate, then the authority's: joining agents know the authority by its
   *     hash. The certificate names {@code wherry-master} whatever addresses the machine has.
   */
  public record Tls(InetSocketAddress address, PrivateKey key, List<X509Certificate> chain) {
    /** The name that agents expect in the server's certificate. */
    public static final String SERVER_NAME = "wherry-master";

    public Tls {
      chain = List.copyOf(chain);
    }
  }

  /**
   * Serves sessions to nodes with a certificate of the chain's authority, and enrolment to
   * everybody. One event loop thread; calls run on virtual threads.
   *
   * @throws IOException when the address cannot be listened on
   */
  public static FleetServer tls(Tls tls, FleetService fleet, EnrolmentService enrolment)
      throws IOException {
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("fleet-io", true), NioIoHandler.newFactory());
    Executor executor = virtualThreads();
    Runnable afterwards = () -> shutDown(loop);
    try {
      Server server =
          NettyServerBuilder.forAddress(tls.address())
              .channelType(NioServerSocketChannel.class)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .withChildOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
              .sslContext(context(tls))
              .executor(executor)
              .flowControlWindow(FLOW_CONTROL_BYTES)
              .keepAliveTime(30, TimeUnit.SECONDS)
              .keepAliveTimeout(20, TimeUnit.SECONDS)
              .permitKeepAliveTime(10, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true)
              .maxConnectionIdle(5, TimeUnit.MINUTES)
              .intercept(Callers.byCertificate())
              .addService(fleet)
              .addService(enrolment)
              .build()
              .start();
      return new FleetServer(server, afterwards);
    } catch (IOException | RuntimeException e) {
      afterwards.run();
      throw e;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the loop's thread is a daemon
  private static void shutDown(EventLoopGroup loop) {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static SslContext context(Tls tls) throws SSLException {
    return GrpcSslContexts.configure(
            SslContextBuilder.forServer(tls.key(), tls.chain()), SslProvider.JDK)
        .protocols("TLSv1.3")
        .trustManager(new NodeTrust(tls.chain().getLast(), InstantSource.system()))
        .clientAuth(ClientAuth.OPTIONAL)
        .build();
  }

  /**
   * Serves the agent that lives in this process, over gRPC's in-process channel of this name; who
   * calls there is that node.
   *
   * @throws IOException when the name is taken
   */
  public static FleetServer inProcess(String name, NodeName node, FleetService fleet)
      throws IOException {
    Executor executor = virtualThreads();
    Server server =
        InProcessServerBuilder.forName(name)
            .executor(executor)
            .intercept(Callers.always(new Caller.Local(node)))
            .addService(fleet)
            .build()
            .start();
    return new FleetServer(server, () -> {});
  }

  /**
   * Calls block on the store: each runs on a virtual thread of its own. Never shut down: a call's
   * last words may come after its server's end, and its other side waits for them.
   */
  private static Executor virtualThreads() {
    ThreadFactory factory = Thread.ofVirtual().name("fleet-", 0).factory();
    return task -> factory.newThread(task).start();
  }

  /** The port that is listened on; -1 in process. */
  public int port() {
    return server.getPort();
  }

  /** Ends all calls and stops listening. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    afterwards.run();
  }
}
