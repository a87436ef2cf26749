package dev.wherry.master.http;

import dev.wherry.master.audit.Trail;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The answering half of a request. One virtual thread answers: a write blocks until the channel has
 * taken it, so that a slow client slows its own thread and fills no memory. {@link #whenGone} and
 * {@link #isAnswered} may be called by any thread.
 */
final class Exchange {
  /** How long a client may take for one piece before its connection is closed. */
  static final Duration WRITE_TIMEOUT = Duration.ofSeconds(60);

  /** What is written at a time. */
  private static final int PIECE_BYTES = 64 * 1024;

  private static final int SWITCHING_PROTOCOLS = 101;

  private final ChannelHandlerContext context;
  private final boolean isHead;
  private final boolean keepAlive;
  private final Runnable whenAnswered;
  private final List<String> warnings = new ArrayList<>();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private volatile boolean answered;
  private volatile Trail trail = Trail.SILENT;
  private volatile String auditId = "";

  /**
   * @param whenAnswered told on the answering thread when the last byte is written and the
   *     connection may be used on
   */
  Exchange(ChannelHandlerContext context, HttpRequest request, Runnable whenAnswered) {
    this.context = context;
    this.isHead = request.method().equals(HttpMethod.HEAD);
    this.keepAlive = HttpUtil.isKeepAlive(request);
    this.whenAnswered = whenAnswered;
  }

  ChannelHandlerContext context() {
    return context;
  }

  /** A text for a {@code Warning} header of the answer. */
  void warn(String text) {
    if (!warnings.contains(text)) {
      warnings.add(text);
    }
  }

  /** Records from now on what becomes of the request; answers carry the record's id. */
  void record(Trail record, String id) {
    trail = record;
    auditId = id;
  }

  Trail trail() {
    return trail;
  }

  private void begin(int code) {
    answered = true;
    trail.started(code);
  }

  /** Whether the answer has begun: an error can no longer be told by a code. */
  boolean isAnswered() {
    return answered;
  }

  /** Runs this once the client is gone, at once when it is. Must not block. */
  void whenGone(Runnable action) {
    gone.thenRun(action);
  }

  /** The client is gone. */
  void clientGone() {
    gone.complete(null);
  }

  void respond(Answer answer) throws IOException {
    if (answer.isStreamed()) {
      respondAsWritten(answer);
      return;
    }
    if (answer.body().length > PIECE_BYTES && !isHead) {
      respondInPieces(answer);
      return;
    }
    begin(answer.code());
    ByteBuf body = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body());
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.code()), body);
    addHeaders(response, answer);
    HttpUtil.setContentLength(response, answer.body().length);
    await(context.writeAndFlush(response));
    finish();
  }

  /** Nothing is closed where it fails: a body that ends well would pass for a whole one. */
  private void respondAsWritten(Answer answer) throws IOException {
    OutputStream body = stream(answer);
    OutputStream out =
        answer.headers().containsKey("content-encoding")
            ? Gzip.stream(body)
            : new BufferedOutputStream(body, PIECE_BYTES);
    try {
      answer.streamed().writeTo(out);
    } catch (UncheckedIOException e) {
      throw new IOException("the client is gone", e);
    }
    out.close();
  }

  /** Each piece has its own time, so that a slow client is told from one that has stopped. */
  private void respondInPieces(Answer answer) throws IOException {
    begin(answer.code());
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.code()));
    addHeaders(response, answer);
    HttpUtil.setContentLength(response, answer.body().length);
    await(context.writeAndFlush(response));
    try (OutputStream body = new Body()) {
      for (int at = 0; at < answer.body().length; at += PIECE_BYTES) {
        body.write(answer.body(), at, Math.min(PIECE_BYTES, answer.body().length - at));
      }
    }
  }

  /**
   * Answers with a body of unknown length; each write is sent at once, closing it ends the body.
   */
  OutputStream stream(int code, String contentType) throws IOException {
    return stream(new Answer(code, contentType, new byte[0]));
  }

  /** As {@link #stream(int, String)}, with the headers of this answer, whose body is not used. */
  OutputStream stream(Answer head) throws IOException {
    begin(head.code());
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(head.code()));
    addHeaders(response, head);
    HttpUtil.setTransferEncodingChunked(response, true);
    await(context.writeAndFlush(response));
    return new Body();
  }

  /** As {@link #stream(int, String)}, with another server's headers as they are. */
  OutputStream stream(int code, HttpHeaders headers) throws IOException {
    begin(code);
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
    response.headers().set(headers);
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    if (!headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      HttpUtil.setTransferEncodingChunked(response, true);
    }
    await(context.writeAndFlush(response));
    return new Body();
  }

  /** Ends the connection, for a body that cannot be ended well. */
  void abort() {
    answered = true;
    context.channel().close();
  }

  /** The answer is somebody else's now: the connection changes its protocol. */
  void handOver() {
    begin(SWITCHING_PROTOCOLS);
  }

  private void addHeaders(HttpResponse response, Answer answer) {
    HttpHeaders headers = response.headers();
    headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
    if (!auditId.isEmpty()) {
      headers.set(Recording.ID_HEADER, auditId);
    }
    answer.headers().forEach(headers::set);
    for (String warning : warnings) {
      headers.add("warning", "299 - \"" + quoted(warning) + "\"");
    }
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** As a quoted-string of a header (RFC 9110): no line breaks, no control characters. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\');
      }
      quoted.append(c < ' ' || c > '~' ? ' ' : c);
    }
    return quoted.toString();
  }

  private void await(ChannelFuture write) throws IOException {
    try {
      if (!write.await(WRITE_TIMEOUT.toMillis())) {
        context.channel().close();
        throw new IOException("the client took nothing for " + WRITE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing", e);
    }
    if (!write.isSuccess()) {
      throw new IOException("the client is gone", write.cause());
    }
  }

  private void finish() {
    if (keepAlive) {
      whenAnswered.run();
    } else {
      context.channel().close();
    }
  }

  /** A chunked body. */
  private final class Body extends OutputStream {
    private boolean closed;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0 && !isHead) {
        // The write is awaited: nobody changes the bytes meanwhile.
        await(
            context.writeAndFlush(
                new DefaultHttpContent(Unpooled.wrappedBuffer(bytes, offset, length))));
      }
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        await(context.writeAndFlush(new DefaultLastHttpContent()));
        finish();
      }
    }
  }
}
