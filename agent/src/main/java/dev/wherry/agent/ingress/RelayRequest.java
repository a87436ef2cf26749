package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Hygiene.Client;
import dev.wherry.agent.ingress.TlsClients.Outcome.Usable;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that is relayed byte by byte: one that needs nothing but to be led to a backend in
 * HTTP/1.1. Knows how far it has come. Confined to its event loop.
 */
final class RelayRequest {
  private static final byte[] VERSION = bytes(" HTTP/1.1");
  private static final byte[] GET = bytes("GET ");
  private static final byte[] HEAD = bytes("HEAD ");
  private static final byte[] CONNECT = bytes("CONNECT ");
  private static final byte[] OPTIONS = bytes("OPTIONS ");

  final Route route;
  final List<InetSocketAddress> backends;

  /** Null: they are spoken to in clear text. */
  final @Nullable TlsClient tls;

  /** As it goes to a backend; kept until the answer begins, for a second attempt. */
  final ByteBuf head;

  final boolean keepsClient;
  final boolean isHead;

  private final boolean isSafe;
  private final boolean hasBody;

  /** Of the body, what has not come yet. */
  private long bodyLeft;

  private long bytes;
  private int status;

  private RelayRequest(
      Route route,
      List<InetSocketAddress> backends,
      @Nullable TlsClient tls,
      ByteBuf head,
      Shape shape) {
    this.route = route;
    this.backends = backends;
    this.tls = tls;
    this.head = head;
    this.bodyLeft = shape.bodyBytes;
    this.hasBody = shape.bodyBytes > 0;
    this.keepsClient = shape.keepsClient;
    this.isHead = shape.isHead;
    this.isSafe = shape.isSafe;
  }

  /** Whether sending it twice does what sending it once does. */
  boolean isRepeatable() {
    return isSafe && !hasBody;
  }

  /** Whether more of its body is to come. */
  boolean wantsBody() {
    return bodyLeft > 0;
  }

  /** How many of so many bytes that have come are its body's, which are taken. */
  int takeBody(int length) {
    int part = (int) Math.min(bodyLeft, length);
    bodyLeft -= part;
    bytes += part;
    return part;
  }

  /** So many bytes of the answer's body went to the client. */
  void answered(int length) {
    bytes += length;
  }

  /** An answer of this status begins. */
  void begins(int code) {
    status = code;
  }

  /** It is over, as it is. */
  void end(IngressTraffic traffic) {
    head.release();
    traffic.count(route, status, bytes);
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
          || version > ClientConnections.MAX_LINE_BYTES
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
    BackendProtocol protocol = options.protocol(endpoints);
    boolean rare =
        !options.isPlain()
            || protocol.isHttp2()
            || endpoints.isEmpty()
            || shape.bodyBytes > options.maxBodyBytes()
            || Redirect.of(route, target.get(), client, router, traffic.httpsPort()).isPresent();
    if (rare) {
      return null;
    }
    TlsClient tls = null;
    if (protocol.isSecure(client.scheme())) {
      if (!(traffic.tls(route, endpoints, protocol) instanceof Usable(TlsClient usable))) {
        return null;
      }
      tls = usable;
    }
    shared.writer().request(head, forwarded);
    ByteBuf out = shared.writer().take(IngressServer.TRANSPORT.allocator(), 0);
    return new RelayRequest(route, endpoints.addresses(), tls, out, shape);
  }
}
