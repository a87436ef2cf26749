package dev.wherry.master.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import jakarta.inject.Singleton;

/** Puts our handler into Micronaut's pipeline, before Micronaut's own. */
@Singleton
final class PipelineBean implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  private static final String HANDLER = "wherry-api";

  private final Dispatcher dispatcher;

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
        case CONNECTION, REQUEST_STREAM -> new OfChannel(channel);
      };
    }
  }

  /** For a connection or a stream of HTTP/2. */
  private final class OfChannel implements NettyServerCustomizer {
    private final Channel channel;

    OfChannel(Channel channel) {
      this.channel = channel;
    }

    @Override
    public NettyServerCustomizer specializeForChannel(Channel stream, ChannelRole role) {
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
            new RequestHandler(dispatcher));
      }
    }
  }
}
