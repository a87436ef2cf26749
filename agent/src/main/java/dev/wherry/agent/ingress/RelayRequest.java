package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that is relayed byte by byte: one that needs nothing but to be led to a backend in
 * HTTP/1.1. Confined to its event loop.
 */
final class RelayRequest {
  private static final byte[] VERSION = bytes(" HTTP/1.1");
  private static final byte[] GET = bytes("GET ");
  private static final byte[] HEAD = bytes("HEAD ");
  private static final byte[] CONNECT = bytes("CONNECT ");
  private static final byte[] OPTIONS = bytes("OPTIONS ");

  final Route route;
  final List<InetSocketAddress> backends;

  /** As it goes to a backend; kept until the answer begins, for a second attempt. */
  final ByteBuf head;

  final long bodyBytes;
  final boolean keepsClient;
  final boolean isHead;
  final boolean isSafe;

  private RelayRequest(Route route, List<InetSocketAddress> backends, ByteBuf head, Shape shape) {
    this.route = route;
    this.backends = backends;
    this.head = head;
    this.bodyBytes = shape.bodyBytes;
    this.keepsClient = shape.keepsClient;
    this.isHead = shape.isHead;
    this.isSafe = shape.isSafe;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** What the first line and the fields that frame a message say. */
  private record Shape(
      String uri,
      String host,
      long bodyBytes,
      boolean keepsClient,
      boolean isHead,
      boolean isSafe) {
    private static final long SINGLE =
        Field.HOST.bit() | Field.CONTENT_LENGTH.bit() | Field.CONNECTION.bit();

    /** Null: more than passing it on is needed, a refusal maybe. */
    static @Nullable Shape of(HttpHead head) {
      if (head.hasAny(HeadWriter.RARE) || head.repeatsAny(SINGLE) || !head.has(Field.HOST)) {
        return null;
      }
      boolean closes = head.has(Field.CONNECTION) && head.is(Field.CONNECTION, "close");
      boolean odd =
          head.has(Field.CONNECTION) && !closes && !head.is(Field.CONNECTION, "keep-alive");
      long body = head.has(Field.CONTENT_LENGTH) ? head.contentLength() : 0;
      int version = head.lineEnd() - VERSION.length;
      int target = endOfMethod(head) + 1;
      if (odd
          || body < 0
          || target <= 1
          || target >= version
          || version > IngressServer.MAX_LINE_BYTES
          || !head.hasAt(version, VERSION)
          || !isPath(head.bytes(), target, version)
          || head.hasAt(0, CONNECT)) {
        return null;
      }
      int host = head.index(Field.HOST);
      boolean isHead = head.hasAt(0, HEAD);
      return new Shape(
          head.text(target, version),
          head.text(head.valueStart(host), head.valueEnd(host)),
          body,
          !closes,
          isHead,
          isHead || head.hasAt(0, GET) || head.hasAt(0, OPTIONS));
    }

    private static int endOfMethod(HttpHead head) {
      byte[] bytes = head.bytes();
      int at = 0;
      while (bytes[at] >= 'A' && bytes[at] <= 'Z') {
        at++;
      }
      return bytes[at] == ' ' ? at : -1;
    }

    private static boolean isPath(byte[] bytes, int from, int to) {
      for (int i = from; i < to; i++) {
        if (bytes[i] <= ' ' || bytes[i] == 0x7f) {
          return false;
        }
      }
      return bytes[from] == '/';
    }
  }

  /**
   * The head that was read last as a request to relay; null: it is for {@link Frontend}, which
   * knows all of HTTP. Its head is the caller's to release.
   */
  static @Nullable RelayRequest of(
      RelayLoop shared, IngressTraffic traffic, Client client, byte[] forwarded) {
    HttpHead head = shared.head();
    Shape shape = Shape.of(head);
    if (shape == null) {
      return null;
    }
    Optional<RequestTarget> target = RequestTarget.of(shape.host, shape.uri);
    if (target.isEmpty()) {
      return null;
    }
    IngressRouter router = traffic.router();
    Optional<Route> found = router.route(target.get().host(), target.get().path());
    if (found.isEmpty() || found.get().backend().isEmpty()) {
      return null;
    }
    Route route = found.get();
    RouteOptions options = route.options();
    Destination.Endpoints endpoints = traffic.destination(route).endpoints();
    boolean rare =
        !options.rewriteTarget().isEmpty()
            || !options.upstreamHost().isEmpty()
            || options.backendProtocol() != RouteOptions.BackendProtocol.HTTP1
            || endpoints.http2()
            || endpoints.addresses().isEmpty()
            || shape.bodyBytes > options.maxBodyBytes()
            || Redirect.of(route, target.get(), client.scheme(), router, traffic.httpsPort())
                .isPresent();
    if (rare) {
      return null;
    }
    shared.writer().request(head, forwarded);
    ByteBuf out = shared.writer().take(IngressServer.TRANSPORT.allocator(), 0);
    return new RelayRequest(route, endpoints.addresses(), out, shape);
  }
}
