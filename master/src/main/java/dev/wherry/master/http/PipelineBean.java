package dev.wherry.master.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts our handler into Micronaut's pipeline, before Micronaut's own. */
@Singleton
final class PipelineBean implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineBean.class);
  private static final String HANDLER = "wherry-api";
  private static final String END = "wherry-end";
  private static final String GATHERED = "wherry-gathered";

  /** How many streams' flushes are one at the most. */
  private static final int MAX_GATHERED = 64;

  /** Each takes some tens of kilobytes, most of them TLS. */
  static final int MAX_CONNECTIONS = 2500;

  private final Dispatcher dispatcher;
  private final AtomicInteger connections = new AtomicInteger();

  PipelineBean(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    registry.register(new Listener());
    return registry;
  }

  /** For a listener: gives each connection and each stream of HTTP/2 a customizer of its own. */
  private final class Listener implements NettyServerCustomizer {
    @Override
    public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
      return switch (role) {
        case LISTENER, PUSH_PROMISE_STREAM -> this;
        case CONNECTION -> {
          admit(channel);
          yield new OfChannel(channel);
        }
        case REQUEST_STREAM -> new OfChannel(channel);
      };
    }
  }

  private void admit(Channel connection) {
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      LOG.warn("more than {} connections: one is refused", MAX_CONNECTIONS);
      connection.close();
    }
    connection.closeFuture().addListener(_ -> connections.decrementAndGet());
  }

  /** For a connection or a stream of HTTP/2. */
  private final class OfChannel implements NettyServerCustomizer {
    private final Channel channel;

    OfChannel(Channel channel) {
      this.channel = channel;
    }

    @Override
    public NettyServerCustomizer specializeForChannel(Channel stream, ChannelRole role) {
      // HTTP/2 has streams, so the connection's pipeline is whole: this one comes last.
      if (channel.pipeline().get(END) == null) {
        channel.pipeline().addLast(END, new ConnectionEnd());
        gatherWrites(channel.pipeline());
      }
      return new OfChannel(stream);
    }

    @Override
    public void onInitialPipelineBuilt() {
      channel.config().setAutoRead(true);
    }

    @Override
    public void onStreamPipelineBuilt() {
      ChannelPipeline pipeline = channel.pipeline();
      if (pipeline.get(HANDLER) == null
          && pipeline.get(ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND) != null) {
        pipeline.addBefore(
            ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
            HANDLER,
            new RequestHandler(dispatcher, dispatcher.bodies()));
      }
    }
  }

  /**
   * What several streams write at a time goes out in one record of TLS and one call to the kernel.
   */
  private static void gatherWrites(ChannelPipeline connection) {
    ChannelHandlerContext tls = connection.context(SslHandler.class);
    if (tls != null) {
      connection.addAfter(tls.name(), GATHERED, new FlushConsolidationHandler(MAX_GATHERED, true));
    }
  }

  /** Ends a connection of HTTP/2 that fails below its streams, as a client's reset makes it. */
  private static final class ConnectionEnd extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("a connection failed: {}", cause.toString());
      context.close();
    }
  }
}
