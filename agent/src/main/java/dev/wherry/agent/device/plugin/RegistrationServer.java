package dev.wherry.agent.device.plugin;

import dev.wherry.proto.deviceplugin.Empty;
import dev.wherry.proto.deviceplugin.RegisterRequest;
import dev.wherry.proto.deviceplugin.RegistrationGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** Where plugins say that they are there. */
final class RegistrationServer extends RegistrationGrpc.RegistrationImplBase
    implements AutoCloseable {
  private final Server server;
  private final Plugins plugins;

  /** Who takes them in. Thread-safe. */
  interface Plugins {
    /**
     * @throws IllegalArgumentException with words for the plugin's author
     */
    void register(RegisterRequest plugin);
  }

  private RegistrationServer(Path socket, EventLoopGroup loop, Plugins plugins) {
    this.plugins = plugins;
    this.server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .executor(task -> Thread.ofVirtual().name("device-plugins").start(task))
            .addService(this)
            .build();
  }

  /** Listens on the socket, which does not exist yet. */
  static RegistrationServer start(Path socket, EventLoopGroup loop, Plugins plugins)
      throws IOException {
    RegistrationServer server = new RegistrationServer(socket, loop, plugins);
    server.server.start();
    return server;
  }

  @Override
  public void register(RegisterRequest plugin, StreamObserver<Empty> answer) {
    try {
      plugins.register(plugin);
      answer.onNext(Empty.getDefaultInstance());
      answer.onCompleted();
    } catch (IllegalArgumentException e) {
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
