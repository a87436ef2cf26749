package dev.wherry.agent.services.userspace;

import dev.wherry.agent.services.Backend;
import dev.wherry.agent.transport.Transport;
import dev.wherry.api.address.Ip;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Receives datagrams on a front of a service. A client's first one picks a backend, which it keeps
 * while it does not fall silent and the backend stays. Its state belongs to its loop.
 */
final class UdpFront implements AutoCloseable {
  /** Clients of one front at a time; the one that was silent longest makes room. */
  static final int MAX_FLOWS = 2_048;

  /** As the kernel's connection tracking has it for datagrams that were answered. */
  static final Duration IDLE = Duration.ofSeconds(120);

  private final Channel channel;
  private final Flows flows;

  private UdpFront(Channel channel, Flows flows) {
    this.channel = channel;
    this.flows = flows;
  }

  /**
   * @throws IOException when the address and port cannot be had
   */
  static UdpFront open(Front front, Target target, Transport transport, EventLoopGroup loops)
      throws IOException {
    Flows flows = new Flows(front, target, transport);
    ChannelFuture bound =
        new Bootstrap()
            .group(loops)
            .channel(transport.datagramChannel())
            .option(ChannelOption.ALLOCATOR, transport.allocator())
            .handler(flows)
            .bind(front.socketAddress())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(front + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new UdpFront(bound.channel(), flows);
  }

  /** Forgets clients whose backend is none any more, and those that are silent. */
  void prune() {
    channel.eventLoop().execute(flows::prune);
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  /** The front's channel and what it knows of clients. */
  private static final class Flows extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Front front;
    private final Target target;
    private final Transport transport;
    private final SequencedMap<InetSocketAddress, Flow> flows =
        new LinkedHashMap<>(16, 0.75f, true);

    Flows(Front front, Target target, Transport transport) {
      this.front = front;
      this.target = target;
      this.transport = transport;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      InetSocketAddress client = packet.sender();
      Ip address = Ip.of(client.getAddress());
      if (!target.admits(front, address)) {
        return;
      }
      Flow flow = flows.get(client);
      if (flow != null && (!target.has(flow.backend) || flow.isIdle(System.nanoTime()))) {
        flow.close();
        flows.remove(client);
        flow = null;
      }
      if (flow == null) {
        Optional<Backend> picked =
            target.pick(
                front.side(), address, List.of(), ThreadLocalRandom.current(), System.nanoTime());
        if (picked.isEmpty() || !target.leads(address, picked.get())) {
          return;
        }
        flow = open(context.channel(), client, picked.get());
      }
      flow.send(packet);
    }

    private Flow open(Channel here, InetSocketAddress client, Backend backend) {
      if (flows.size() >= MAX_FLOWS) {
        flows.pollFirstEntry().getValue().close();
      }
      target.opened();
      Flow flow = new Flow(here, client, backend, target);
      flow.connecting =
          new Bootstrap()
              .group(here.eventLoop())
              .channel(transport.datagramChannel())
              .option(ChannelOption.ALLOCATOR, transport.allocator())
              .handler(flow)
              .connect(backend.socketAddress());
      flows.put(client, flow);
      return flow;
    }

    void prune() {
      long now = System.nanoTime();
      flows
          .values()
          .removeIf(
              flow -> {
                boolean over = !target.has(flow.backend) || flow.isIdle(now);
                if (over) {
                  flow.close();
                }
                return over;
              });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      flows.values().forEach(Flow::close);
      flows.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A datagram that a client cannot be sent is lost, as datagrams are.
    }
  }

  /** A client's own socket towards its backend: what comes there goes back to the client. */
  private static final class Flow extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Channel front;
    private final InetSocketAddress client;
    private final Backend backend;
    private final Target target;
    private long lastNanos = System.nanoTime();
    private @Nullable ChannelFuture connecting;

    Flow(Channel front, InetSocketAddress client, Backend backend, Target target) {
      this.target = target;
      this.front = front;
      this.client = client;
      this.backend = backend;
    }

    boolean isIdle(long nowNanos) {
      return nowNanos - lastNanos > IDLE.toNanos();
    }

    void send(DatagramPacket packet) {
      lastNanos = System.nanoTime();
      ChannelFuture opened = connecting;
      if (opened != null) {
        var data = packet.content().retain();
        target.carried(data.readableBytes());
        opened.addListener(
            done -> {
              if (done.isSuccess()) {
                opened.channel().writeAndFlush(data);
              } else {
                data.release();
              }
            });
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket answer) {
      lastNanos = System.nanoTime();
      target.carried(answer.content().readableBytes());
      front.writeAndFlush(new DatagramPacket(answer.content().retain(), client));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Nobody listens at the backend: the client's next datagram tries again.
    }

    void close() {
      ChannelFuture opened = connecting;
      if (opened != null) {
        opened.channel().close();
      }
    }
  }
}
