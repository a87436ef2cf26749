package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.registry.Connector.PortStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request on to another server of HTTP/1.1 and its answer back, piece by piece; where the
 * connection changes its protocol there, it does here. Used once, by one thread.
 */
final class HttpRelay {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int MAX_HEADER_BYTES = 32 * 1024;

  /** What concerns one connection and not the request (RFC 9110, 7.6.1), and who the client is. */
  private static final List<String> NOT_SENT_ON =
      List.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "authorization");

  private final ApiRequest request;
  private final Exchange exchange;
  private final String prefix;
  private final EmbeddedChannel codec =
      new EmbeddedChannel(new HttpClientCodec(MAX_HEADER_BYTES, MAX_HEADER_BYTES, BUFFER_BYTES));
  private @Nullable OutputStream body;

  /**
   * @param prefix the path up to and with {@code /proxy}: not sent on, and put before a path that
   *     the answer redirects to
   */
  HttpRelay(ApiRequest request, Exchange exchange, String prefix) {
    this.request = request;
    this.exchange = exchange;
    this.prefix = prefix;
  }

  /** Returns when the answer has been passed on or the client has gone. */
  void run(ProxyName name, PortStream stream) throws IOException {
    switch (name.scheme()) {
      case HTTP -> run(name, stream.input(), stream.output());
      case HTTPS -> {
        try (SSLSocket tls = TunnelSocket.tls(stream, name.name(), name.scheme().defaultPort())) {
          run(name, tls.getInputStream(), tls.getOutputStream());
        }
      }
    }
  }

  private void run(ProxyName name, InputStream in, OutputStream out) throws IOException {
    try {
      send(name, out);
      receive(in, out);
    } catch (IOException e) {
      if (exchange.isAnswered()) {
        throw e;
      }
      throw failed(String.valueOf(e.getMessage()));
    } finally {
      codec.finishAndReleaseAll();
    }
  }

  private static StatusException failed(String why) {
    return StatusException.of(Reason.SERVICE_UNAVAILABLE, "error trying to reach service: " + why);
  }

  private void send(ProxyName name, OutputStream out) throws IOException {
    String target = request.target().substring(prefix.length());
    HttpHeaders headers = new DefaultHttpHeaders();
    for (Map.Entry<String, String> header : request.headers()) {
      String lower = header.getKey().toLowerCase(Locale.ROOT);
      // Netty's own notes about HTTP/2 begin so; who it is was for the API alone.
      boolean isForApi =
          lower.startsWith("x-http2-")
              || lower.startsWith("impersonate-")
              || RemoteUser.isHeader(lower);
      if (!isForApi && !NOT_SENT_ON.contains(lower)) {
        headers.add(header.getKey(), header.getValue());
      }
    }
    String upgrade = request.header("upgrade");
    if (upgrade.isEmpty()) {
      headers.set(HttpHeaderNames.CONNECTION, "close");
    } else {
      headers.set(HttpHeaderNames.CONNECTION, "Upgrade").set(HttpHeaderNames.UPGRADE, upgrade);
    }
    String host = request.header("host");
    headers.set("X-Forwarded-Uri", prefix + (target.isEmpty() ? "/" : target));
    headers.set("X-Forwarded-Proto", "https");
    if (!host.isEmpty()) {
      headers.set("X-Forwarded-Host", host);
    }
    headers.set(
        HttpHeaderNames.HOST, name.name() + (name.port().isEmpty() ? "" : ":" + name.port()));
    if (request.body().length > 0) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, request.body().length);
    }
    codec.writeOutbound(
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.method()),
            target.startsWith("/") ? target : "/" + target,
            Unpooled.wrappedBuffer(request.body()),
            headers,
            new DefaultHttpHeaders()));
    for (ByteBuf bytes = codec.readOutbound(); bytes != null; bytes = codec.readOutbound()) {
      out.write(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }
    out.flush();
  }

  private void receive(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    while (true) {
      int read = in.read(buffer);
      if (read < 0) {
        codec.finish(); // ends a body that has no length
      } else {
        codec.writeInbound(Unpooled.copiedBuffer(buffer, 0, read));
      }
      for (Object part = codec.readInbound(); part != null; part = codec.readInbound()) {
        if (take(part, in, out)) {
          return;
        }
      }
      if (read < 0) {
        throw new IOException("the answer ended early");
      }
    }
  }

  /** Passes one part on; true when it was the last. */
  private boolean take(Object part, InputStream in, OutputStream out) throws IOException {
    try {
      if (part instanceof HttpResponse head) {
        if (head.decoderResult().isFailure()) {
          throw new IOException("the answer is malformed", head.decoderResult().cause());
        }
        if (head.status().code() == 101) {
          pipe(head, in, out);
          return true;
        }
        begin(head);
      }
      if (part instanceof HttpContent content && body != null) {
        if (content.decoderResult().isFailure()) {
          throw new IOException("the answer is malformed", content.decoderResult().cause());
        }
        body.write(ByteBufUtil.getBytes(content.content()));
        if (part instanceof LastHttpContent) {
          body.close();
          return true;
        }
      }
      return false;
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  private void begin(HttpResponse head) throws IOException {
    if (head.status().code() < 200) {
      return; // to be continued
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    for (Map.Entry<String, String> header : head.headers()) {
      if (!NOT_SENT_ON.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        headers.add(header.getKey(), header.getValue());
      }
    }
    String location = headers.get("location");
    if (location != null && location.startsWith("/") && !location.startsWith(prefix)) {
      headers.set("location", prefix + location);
    }
    body = exchange.stream(head.status().code(), headers);
  }

  /** Both sides speak another protocol from here on. */
  private void pipe(HttpResponse head, InputStream in, OutputStream out) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : head.headers()) {
      headers.put(header.getKey(), header.getValue());
    }
    RawClient client = new RawClient(exchange.context().channel());
    Upgrade.perform(exchange, headers, List.of(client));
    Thread upwards = Thread.ofVirtual().start(() -> client.copyTo(out));
    try (OutputStream back = client.output()) {
      for (Object rest = codec.readInbound(); rest != null; rest = codec.readInbound()) {
        if (rest instanceof ByteBuf bytes) {
          back.write(ByteBufUtil.getBytes(bytes));
        }
        ReferenceCountUtil.release(rest);
      }
      Streams.copy(in, back);
      client.close();
      upwards.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a connection was carried", e);
    }
  }
}
