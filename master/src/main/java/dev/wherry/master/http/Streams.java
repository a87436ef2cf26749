package dev.wherry.master.http;

import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every stream to a pod needs. */
final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

  private static final int BUFFER_BYTES = 32 * 1024;

  private Streams() {}

  /** Every piece is passed on as it comes: somebody may wait at the other end. */
  static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }

  /** Returns when the connection has taken what was written. */
  static void await(ChannelFuture write) throws IOException {
    try {
      write.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing");
    }
    if (!write.isSuccess()) {
      throw new IOException("the client is gone", write.cause());
    }
  }

  /** As {@link #closeQuietly}, off the event loop: closing a stream may block. */
  static void closeLater(AutoCloseable stream) {
    Thread.ofVirtual().start(() -> closeQuietly(stream));
  }

  /** Closes what nobody uses any more; a failure changes nothing for anybody. */
  static void closeQuietly(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception e) {
      LOG.debug("a stream was closed with a failure: {}", e.toString());
    }
  }
}
