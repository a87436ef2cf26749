package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.tree.Json;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a client may say in HTTP/2 and not in HTTP/1.1, which the backend speaks: names and values
 * are of any bytes there, and lengths are beside the point.
 */
@Timeout(120)
class Http2SmugglingTest {
  private static final EventLoopGroup LOOPS = IngressServer.TRANSPORT.loops(1, "smuggler");

  private final DesiredState desired = new DesiredState();
  private final BlockingQueue<String> reached = new LinkedBlockingQueue<>();
  private ServerSocket backend;
  private IngressServer server;

  @BeforeEach
  void start() throws IOException {
    backend = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
    Offered.defaultClass(desired);
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"rules": [{"host": "web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
            """));
    Offered.service(desired, "web", backend.getLocalPort());
    int port = Offered.freePort();
    server =
        IngressServer.start(
            port,
            0,
            Offered.traffic(desired, new IngressCounters(), 0),
            new IngressCertificates(desired, InstantSource.system()));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    backend.close();
  }

  /** Answers each head that comes; whatever else comes on the connection is noted as well. */
  private void accept() {
    try {
      while (true) {
        Socket socket = backend.accept();
        Thread.startVirtualThread(() -> serve(socket));
      }
    } catch (IOException _) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      StringBuilder said = new StringBuilder();
      for (int next = in.read(); next >= 0; next = in.read()) {
        said.append((char) next);
        if (said.toString().endsWith("\r\n\r\n")) {
          reached.add(said.toString());
          said.setLength(0);
          socket
              .getOutputStream()
              .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
        }
      }
    } catch (IOException _) {
      // The other side has closed.
    }
  }

  /** The status of the answer to a request with these fields and body, or how it was refused. */
  private String ask(Map<String, String> fields, String body) throws Exception {
    CompletableFuture<String> outcome = new CompletableFuture<>();
    Channel connection =
        new Bootstrap()
            .group(LOOPS)
            .channel(IngressServer.TRANSPORT.channel())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient().validateHeaders(false).build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    channel.closeFuture().addListener(_ -> outcome.complete("connection closed"));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), server.ports().getFirst())
            .sync()
            .channel();
    Channel stream =
        new Http2StreamChannelBootstrap(connection)
            .handler(new Outcome(outcome))
            .open()
            .sync()
            .getNow();
    DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
    headers.method("GET").scheme("http").authority("web.example").path("/");
    fields.forEach(headers::set);
    stream.write(new DefaultHttp2HeadersFrame(headers, body.isEmpty()));
    if (!body.isEmpty()) {
      stream.write(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, US_ASCII), true));
    }
    stream.flush();
    String said = outcome.get(60, TimeUnit.SECONDS);
    connection.close().sync();
    return said;
  }

  private static final class Outcome extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<String> outcome;

    Outcome(CompletableFuture<String> outcome) {
      this.outcome = outcome;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      if (frame instanceof Http2HeadersFrame head) {
        outcome.complete(String.valueOf(head.headers().status()));
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame) {
        outcome.complete("stream reset");
      }
    }
  }

  @Test
  void leadsAnHonestRequest() throws Exception {
    assertThat(ask(Map.of("x-own", "1"), "")).isEqualTo("200");
    assertThat(reached.take()).startsWith("GET / HTTP/1.1\r\n").contains("x-own: 1\r\n");
    assertThat(ask(Map.of(":method", "POST", "content-length", "4"), "\r\n\r\n")).isEqualTo("200");
  }

  @Test
  void letsNothingThroughThatIsTwoRequestsInHttp1() throws Exception {
    String second = "GET /admin HTTP/1.1\r\nHost: web.example\r\n\r\n";
    for (Map<String, String> fields :
        List.of(
            Map.of(":path", "/ HTTP/1.1\r\nHost: web.example\r\n\r\n" + second),
            Map.of(":path", "/?a HTTP/1.1\r\nX: y"),
            Map.of(":path", "/a b"),
            Map.of(":path", "/?a b"),
            Map.of(":path", "/?a\tb"),
            Map.of(":path", "http://web.example/?a b"),
            Map.of(":path", ""),
            Map.of(":path", "*"),
            Map.of(":method", "GET / HTTP/1.1\r\nX:"),
            Map.of(":method", "GET /admin HTTP/1.1"),
            Map.of(":authority", "web.example\r\nX: y"),
            Map.of("x-own", "1\r\n\r\n" + second),
            Map.of("x-own", "1\nX: y"),
            Map.of("x-own\r\nx", "y"),
            Map.of("x-own: y\r\nx", "y"),
            Map.of("x own", "y"),
            Map.of("x-own:", "y"),
            Map.of("X-Own", "y"),
            Map.of("connection", "close"),
            Map.of("transfer-encoding", "chunked"),
            Map.of("upgrade", "websocket"),
            Map.of("host", "other.example"),
            Map.of("content-length", "x"),
            Map.of("content-length", "1, 1"))) {
      assertThat(ask(fields, ""))
          .as(fields.toString().replace("\r", "\\r").replace("\n", "\\n"))
          .isIn("400", "stream reset", "connection closed");
    }
    assertThat(reached).isEmpty();
  }

  @Test
  void refusesBodiesThatAreNotAsLongAsTheySay() throws Exception {
    String second = "GET /admin HTTP/1.1\r\nHost: web.example\r\n\r\n";
    for (String length : List.of("0", "3", "1000")) {
      assertThat(ask(Map.of(":method", "POST", "content-length", length), second))
          .as(length)
          .isIn("400", "stream reset", "connection closed", "502");
    }
    assertThat(reached).noneMatch(each -> each.startsWith("GET /admin"));
  }
}
