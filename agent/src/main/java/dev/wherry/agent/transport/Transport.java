package dev.wherry.agent.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The kinds of channel that proxies on this machine use: the kernel's epoll itself where its
 * library can be loaded (x86-64, arm64), else the JDK's selectors. Immutable.
 */
public record Transport(
    Class<? extends ServerChannel> serverChannel,
    Class<? extends SocketChannel> channel,
    Class<? extends DatagramChannel> datagramChannel,
    IoHandlerFactory handlers,
    ByteBufAllocator allocator) {

  /** Bytes that a pool takes from the system at a time: 4 pages shifted by 3. */
  private static final int CHUNK_ORDER = 3;

  private static final int PAGE_BYTES = 8_192;

  /** The best that this machine has. */
  public static Transport best() {
    return Epoll.isAvailable()
        ? new Transport(
            EpollServerSocketChannel.class,
            EpollSocketChannel.class,
            EpollDatagramChannel.class,
            EpollIoHandler.newFactory(),
            pool())
        : new Transport(
            NioServerSocketChannel.class,
            NioSocketChannel.class,
            NioDatagramChannel.class,
            NioIoHandler.newFactory(),
            pool());
  }

  /**
   * Buffers that are used again, from chunks of 64 KiB: traffic needs no garbage collection, and an
   * idle proxy keeps little. The process-wide allocator is unpooled, since nothing else here moves
   * much.
   */
  private static ByteBufAllocator pool() {
    return new PooledByteBufAllocator(true, 0, 1, PAGE_BYTES, CHUNK_ORDER);
  }

  /** Loops of their own for a part of the agent; the caller ends them. */
  public EventLoopGroup loops(int threads, String name) {
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers);
  }
}
