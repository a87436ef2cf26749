package dev.wherry.agent.services.userspace;

import dev.wherry.agent.services.Backend;
import dev.wherry.agent.transport.Transport;
import dev.wherry.api.address.Ip;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Listens on a front of a service and leads each connection to a backend. Thread-safe. */
final class TcpFront implements AutoCloseable {
  private static final int BACKLOG = 1_024;
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  /** Backends that are tried for one connection. */
  private static final int MAX_ATTEMPTS = 3;

  private final Channel listening;

  private TcpFront(Channel listening) {
    this.listening = listening;
  }

  /**
   * @throws IOException when the address and port cannot be had
   */
  static TcpFront open(Front front, Target target, Transport transport, EventLoopGroup loops)
      throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.ALLOCATOR, transport.allocator())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    client.pipeline().addLast(new Opening(front, target, transport));
                  }
                })
            .bind(front.socketAddress())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(front + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new TcpFront(bound.channel());
  }

  /** Takes no more connections; those that are relayed go on. */
  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
  }

  /** A client's connection until a backend has answered it. */
  private static final class Opening extends ChannelInboundHandlerAdapter {
    private final Front front;
    private final Target target;
    private final Transport transport;
    private final List<Backend> tried = new ArrayList<>(1);

    /** What came before there was a backend: a client that has ended its half is read at once. */
    private final List<Object> early = new ArrayList<>(0);

    private boolean ended;

    Opening(Front front, Target target, Transport transport) {
      this.front = front;
      this.target = target;
      this.transport = transport;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      SocketChannel client = (SocketChannel) context.channel();
      Ip address = Ip.of(client.remoteAddress().getAddress());
      if (target.admits(front, address)) {
        connect(client, address);
      } else {
        TcpRelay.reset(client);
      }
    }

    private void connect(SocketChannel client, Ip address) {
      Optional<Backend> picked =
          tried.size() >= MAX_ATTEMPTS
              ? Optional.empty()
              : target.pick(
                  front.side(), address, tried, ThreadLocalRandom.current(), System.nanoTime());
      if (picked.isEmpty()) {
        TcpRelay.reset(client);
        return;
      }
      Backend backend = picked.get();
      tried.add(backend);
      if (!target.leads(address, backend)) {
        TcpRelay.reset(client);
        return;
      }
      new Bootstrap()
          .group(client.eventLoop())
          .channel(transport.channel())
          .option(ChannelOption.ALLOCATOR, transport.allocator())
          .option(ChannelOption.TCP_NODELAY, true)
          .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
          .option(ChannelOption.AUTO_READ, false)
          .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(backend.socketAddress())
          .addListener(
              done -> {
                if (!done.isSuccess()) {
                  connect(client, address);
                } else {
                  joined(client, (SocketChannel) ((ChannelFuture) done).channel());
                }
              });
    }

    private void joined(SocketChannel client, SocketChannel backend) {
      if (client.isActive()) {
        TcpRelay.join(client, backend, target);
        ChannelHandlerContext here = client.pipeline().context(this);
        early.forEach(here::fireChannelRead);
        early.clear();
        here.fireChannelReadComplete();
        if (ended) {
          here.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
        client.pipeline().remove(this);
      } else {
        backend.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      early.add(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      ended |= event instanceof ChannelInputShutdownEvent;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      early.forEach(ReferenceCountUtil::release);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      TcpRelay.reset(context.channel());
    }
  }
}
