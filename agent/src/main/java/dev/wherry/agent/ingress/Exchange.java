package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, between a client and a backend. Both sides are read only when the
 * other takes what was read, so that no more than a few buffers wait in between.
 *
 * <pre>
 * CONNECTING --connected--> SENDING --response's head--> ANSWERING --its end--> OVER
 *      |                        |                            |
 *      '--- refused: next backend, Attempts.MAX in all       '--- broken: the client's side ends
 *                               '--- closed before an answer: once more where that is safe
 * ANSWERING --101--> TUNNELLING until either side ends
 * </pre>
 *
 * Confined to the event loop of the client's connection, which is the backend's as well.
 */
final class Exchange implements BackendSearch.Asker {
  private static final Set<HttpMethod> SAFE_TO_REPEAT =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private enum State {
    CONNECTING,
    SENDING,
    ANSWERING,
    TUNNELLING,
    OVER
  }

  private final Frontend frontend;
  private final ChannelHandlerContext client;
  private final HttpRequest request;
  private final Backends backends;
  private final IngressTraffic traffic;
  private final Patience patience;
  private final BackendSearch search = new BackendSearch(this);

  private State state = State.CONNECTING;
  private boolean requestSent;
  private boolean backendKept;
  private long bodyBytes;
  private long bytes;
  private int status;
  private @Nullable Channel backend;

  Exchange(
      Frontend frontend,
      ChannelHandlerContext client,
      HttpRequest request,
      Backends backends,
      IngressTraffic traffic) {
    this.frontend = frontend;
    this.client = client;
    this.request = request;
    this.backends = backends;
    this.traffic = traffic;
    this.patience = new Patience(client.executor(), options().silence(), this::waitedTooLong);
  }

  private RouteOptions options() {
    return backends.route().options();
  }

  // ---- towards the backend

  void start() {
    patience.begin();
    List<InetSocketAddress> addresses = backends.endpoints().addresses();
    int chosen = options().cookie().map(it -> it.chosen(request.headers(), addresses)).orElse(-1);
    int first = chosen < 0 ? traffic.nextTurn() : chosen;
    search.begin(
        backends.pool(),
        backends.protocol().isHttp2(),
        addresses,
        first,
        options().connectTimeout());
  }

  @Override
  public void failed(Throwable cause) {
    fail(HttpResponseStatus.BAD_GATEWAY, traffic.unreachable(backends.route(), cause));
  }

  @Override
  public void found(Channel channel) {
    backend = channel;
    state = State.SENDING;
    BackendHandler.of(channel).serve(this);
    if (backends.protocol().isHttp2()) {
      request.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
      request.headers().set("x-http2-scheme", backends.pool().scheme());
    }
    channel.write(request); // goes out with what follows
    if (requestSent) {
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT); // a repeated one, without a body
    } else {
      frontend.more();
    }
    channel.read();
  }

  /** A piece of the request's body, or of what a tunnel carries. */
  void fromClient(Object message) {
    patience.heard(); // a backend may well be silent while it takes a large body
    Channel to = backend;
    if (to == null || state == State.OVER) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpContent content) {
      bodyBytes += content.content().readableBytes();
      if (bodyBytes > options().maxBodyBytes()) {
        ReferenceCountUtil.release(message);
        fail(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large");
        return;
      }
    }
    bytes += message instanceof ByteBuf raw ? raw.readableBytes() : 0;
    boolean last = message instanceof LastHttpContent;
    requestSent |= last;
    to.writeAndFlush(message)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (!written.isSuccess()) {
                    to.close();
                  }
                });
    if (!last && to.isWritable()) {
      frontend.more();
    }
  }

  void backendWritable() {
    boolean more = state == State.TUNNELLING || !requestSent && state != State.OVER;
    if (more) {
      frontend.more();
    }
  }

  // ---- towards the client

  void fromBackend(Object message) {
    patience.heard();
    if (state == State.OVER) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpResponse response) {
      head(response);
      if (message instanceof LastHttpContent && state == State.ANSWERING) {
        answered(); // all of it in one, of HTTP/2: it is written already
      }
      return;
    }
    switch (message) {
      case HttpContent content -> body(content);
      case ByteBuf raw -> {
        bytes += raw.readableBytes();
        client.write(raw);
      }
      default -> ReferenceCountUtil.release(message); // a frame of HTTP/2 that says nothing here
    }
  }

  private void body(HttpContent content) {
    if (state != State.ANSWERING) {
      content.release(); // the end of a 100, or of the 101 itself
      return;
    }
    bytes += content.content().readableBytes();
    client.write(content);
    if (content instanceof LastHttpContent) {
      answered();
    }
  }

  private void head(HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      fail(HttpResponseStatus.BAD_GATEWAY, "the backend's answer cannot be read");
      return;
    }
    int code = response.status().code();
    if (code == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      tunnel(response);
      return;
    }
    if (code < 200) {
      return; // the client was told to go on by this proxy itself
    }
    state = State.ANSWERING;
    status = code;
    backendKept = HttpUtil.isKeepAlive(response) && requestSent;
    frontend.shape(response, request);
    options().cors().ifPresent(each -> each.mark(response.headers(), request.headers()));
    options()
        .cookie()
        .ifPresent(each -> each.mark(response.headers(), request.headers(), search.address()));
    client.write(response);
  }

  private void tunnel(HttpResponse response) {
    status = HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    state = State.TUNNELLING;
    patience.end(); // a tunnel may be silent for as long as its ends like
    client.write(response);
    client.write(LastHttpContent.EMPTY_LAST_CONTENT);
    client.flush();
    Channel to = backend;
    if (to != null) {
      // On the next turn: the codec is in the middle of handing this very message on.
      client
          .executor()
          .execute(
              () -> {
                if (to.pipeline().get(HttpClientCodec.class) != null) {
                  to.pipeline().remove(HttpClientCodec.class);
                }
                frontend.becomeTunnel();
                frontend.more();
                to.read();
              });
    }
  }

  void backendReadComplete() {
    if (state == State.OVER) {
      return;
    }
    client.flush();
    Channel from = backend;
    if (from != null && client.channel().isWritable()) {
      from.read();
    }
  }

  void clientWritable() {
    Channel from = backend;
    if (from != null && state != State.OVER) {
      from.read();
    }
  }

  private void answered() {
    client.flush();
    Channel from = backend;
    boolean whole = requestSent;
    finish();
    if (from != null) {
      BackendHandler.of(from).leave();
      if (backends.protocol().isHttp2()) {
        if (!whole) {
          from.close();
        }
      } else if (backendKept) {
        search.giveBack(from);
      } else {
        from.close();
      }
    }
    if (!whole) {
      frontend.endAfterAnswer(); // what is left of the request would be taken for the next one
    }
    frontend.answered();
  }

  // ---- ends

  void backendEnded() {
    backend = null;
    switch (state) {
      case CONNECTING, SENDING -> {
        state = State.CONNECTING;
        boolean harmless =
            bodyBytes == 0 && requestSent && SAFE_TO_REPEAT.contains(request.method());
        if (!harmless || !search.repeat()) {
          fail(HttpResponseStatus.BAD_GATEWAY, "the backend closed without an answer");
        }
      }
      case ANSWERING, TUNNELLING -> {
        finish();
        frontend.broken();
      }
      case OVER -> {}
    }
  }

  void clientEnded() {
    finish();
    leaveBackend();
  }

  private void leaveBackend() {
    Channel to = backend;
    backend = null;
    if (to != null) {
      BackendHandler.of(to).leave();
      to.close();
    }
  }

  private void waitedTooLong() {
    fail(HttpResponseStatus.GATEWAY_TIMEOUT, "the backend does not answer in time");
  }

  private void fail(HttpResponseStatus code, String why) {
    boolean begun = state == State.ANSWERING || state == State.TUNNELLING;
    status = code.code();
    finish();
    leaveBackend();
    if (begun) {
      frontend.broken();
    } else {
      if (!requestSent) {
        frontend.endAfterAnswer();
      }
      frontend.refuse(code, why);
    }
  }

  private void finish() {
    if (state != State.OVER) {
      state = State.OVER;
      search.end();
      patience.end();
      traffic.count(backends.route(), status, bytes + bodyBytes);
    }
  }
}
