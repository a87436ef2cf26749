package dev.wherry.master.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * One stream of a {@link SpdyConnection}, opened by the client. Reads and writes block; a write
 * returns when the connection has taken it. The header names are in lower case.
 */
final class SpdyStream extends OutputStream {
  private final int id;
  private final Map<String, String> headers;
  private final Channel channel;
  private final Inbox input;
  private final IntConsumer forget;
  private boolean closed; // confined to the writing thread

  SpdyStream(
      int id, Map<String, String> headers, Channel channel, ReadPause pause, IntConsumer forget) {
    this.id = id;
    this.headers = Map.copyOf(headers);
    this.channel = channel;
    this.input = new Inbox(pause);
    this.forget = forget;
  }

  /** The header's value, or the empty string. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** What the client sends; its end is the end of the client's half. */
  InputStream input() {
    return input;
  }

  Inbox inbox() {
    return input;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (length > 0) {
      Streams.await(
          channel.writeAndFlush(
              new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, offset, length))));
    }
  }

  /** The stream is over on both sides; its number comes not again. */
  void forget() {
    channel.eventLoop().execute(() -> forget.accept(id));
  }

  /** Ends our half of the stream. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      DefaultSpdyDataFrame last = new DefaultSpdyDataFrame(id);
      last.setLast(true);
      Streams.await(channel.writeAndFlush(last));
    }
  }
}
