package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Frontend.Protocol;
import dev.wherry.agent.ingress.Hygiene.Client;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Has a client's connection served, by what it turns out to speak. Thread-safe. */
final class ClientConnections {
  /** How HTTP/2 in clear text begins (RFC 9113, 3.4). */
  private static final ByteBuf HTTP2 =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("PRI * HTTP/2.0", StandardCharsets.US_ASCII));

  static final int MAX_LINE_BYTES = 16_384;
  private static final int MAX_HEADER_BYTES = 65_536;
  private static final int MAX_CHUNK_BYTES = 65_536;

  /** Streams of one HTTP/2 connection at a time. */
  private static final long MAX_STREAMS = 128;

  private static final int STREAM_WINDOW_BYTES = 256 << 10;
  private static final int CLIENT_IDLE_SECONDS = 75;

  /** Of a TLS client's first message. */
  private static final int MAX_HELLO_BYTES = 65_536;

  private static final long HELLO_MILLIS = 10_000;
  private final IngressTraffic traffic;
  private final IngressCertificates certificates;

  ClientConnections(IngressTraffic traffic, IngressCertificates certificates) {
    this.traffic = traffic;
    this.certificates = certificates;
  }

  /**
   * Makes a new connection ready.
   *
   * @param scheme {@code http} or {@code https}
   * @param port that it came to
   */
  void furnish(Channel channel, String scheme, int port) {
    InetAddress remote = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    Client client = new Client(Ip.of(remote).text(), scheme, port);
    if (scheme.equals("https")) {
      channel
          .pipeline()
          .addLast(
              new SniHandler(
                  (host, promise) -> {
                    try {
                      return promise.setSuccess(context(host));
                    } catch (IOException | GeneralSecurityException e) {
                      return promise.setFailure(e);
                    }
                  },
                  MAX_HELLO_BYTES,
                  HELLO_MILLIS))
          .addLast(new Negotiated(client));
    } else {
      channel.pipeline().addLast(relay(channel, client));
    }
  }

  private Relay relay(Channel channel, Client client) {
    return new Relay(traffic, traffic.relays(channel), client, this::serveAll);
  }

  private SslContext context(@Nullable String host) throws IOException, GeneralSecurityException {
    Optional<ObjectKey> secret =
        traffic.router().certificate(host == null ? "" : host.toLowerCase(Locale.ROOT));
    return certificates.context(
        secret, why -> secret.ifPresent(key -> traffic.uncertified(key, why)));
  }

  /**
   * Replaces a relay by what knows all of HTTP, which HTTP/2 in clear text is by its first bytes.
   */
  private void serveAll(ChannelHandlerContext relay, Client client, ByteBuf unread) {
    ChannelPipeline pipeline = relay.pipeline();
    boolean http2 =
        ByteBufUtil.equals(unread, unread.readerIndex(), HTTP2, 0, HTTP2.readableBytes());
    if (http2) {
      serveHttp2(pipeline, client);
    } else {
      serveHttp1(pipeline, client);
    }
    relay.fireChannelRead(unread);
    relay.fireChannelReadComplete();
    pipeline.remove(relay.handler());
    if (!http2) {
      pipeline.get(Frontend.class).more();
    }
  }

  private void serveHttp1(ChannelPipeline pipeline, Client client) {
    pipeline.channel().config().setAutoRead(false);
    pipeline
        .addLast("idle", new IdleStateHandler(CLIENT_IDLE_SECONDS, 0, 0))
        .addLast("decoder", new StrictDecoder())
        .addLast("encoder", new HttpResponseEncoder())
        .addLast("frontend", new Frontend(traffic, client, Protocol.HTTP1));
  }

  private void serveHttp2(ChannelPipeline pipeline, Client client) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(MAX_STREAMS)
                    .initialWindowSize(STREAM_WINDOW_BYTES)
                    .maxHeaderListSize(MAX_HEADER_BYTES))
            .build();
    pipeline
        .addLast(new IdleStateHandler(CLIENT_IDLE_SECONDS, 0, 0))
        .addLast(new IdleHttp2(codec))
        .addLast(codec);
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream
                    .pipeline()
                    .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                    .addLast(new Frontend(traffic, client, Protocol.HTTP2));
              }
            }));
  }

  /** Ends a connection without streams that is silent for too long. */
  private static final class IdleHttp2 extends ChannelInboundHandlerAdapter {
    private final Http2FrameCodec codec;

    IdleHttp2(Http2FrameCodec codec) {
      this.codec = codec;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof IdleStateEvent) {
        if (codec.connection().numActiveStreams() == 0) {
          context.channel().close(); // through the codec, which says GOAWAY
        }
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }

  /** What a TLS client chose to speak. */
  private final class Negotiated extends ApplicationProtocolNegotiationHandler {
    private final Client client;

    Negotiated(Client client) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.client = client;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        serveHttp2(context.pipeline(), client);
      } else {
        context.pipeline().addLast(relay(context.channel(), client));
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // resets and bad TLS are clients' affairs
    }
  }

  /** Refuses what has both a length and a transfer coding, which Netty would mend. */
  private static final class StrictDecoder extends HttpRequestDecoder {
    StrictDecoder() {
      super(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      throw new IllegalArgumentException("both a length and a transfer coding");
    }
  }
}
