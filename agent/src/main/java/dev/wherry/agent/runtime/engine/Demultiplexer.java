package dev.wherry.agent.runtime.engine;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Takes the engines' one stream of two outputs apart: frames of a stream number (1 output, 2
 * error), three zero bytes and a length of four, big endian (Docker Engine API, Attach).
 */
final class Demultiplexer {
  private static final int STDERR = 2;
  private static final int ERROR_OF_ENGINE = 3;

  private Demultiplexer() {}

  /** Copies until the end of the stream; flushes after each frame. */
  static void copy(InputStream in, OutputStream out, OutputStream err) throws IOException {
    DataInputStream frames = new DataInputStream(in);
    byte[] buffer = new byte[8192];
    while (true) {
      int stream = frames.read();
      if (stream < 0) {
        return;
      }
      frames.skipNBytes(3);
      long left = Integer.toUnsignedLong(frames.readInt());
      OutputStream target = stream == STDERR || stream == ERROR_OF_ENGINE ? err : out;
      while (left > 0) {
        int count = frames.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (count < 0) {
          throw new EOFException("the stream ended inside a frame");
        }
        target.write(buffer, 0, count);
        left -= count;
      }
      target.flush();
    }
  }
}
