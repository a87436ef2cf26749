package dev.wherry.agent.runtime.socket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads HTTP/1.1 answers (RFC 9112): the head, then a body by length, by chunks or until the end of
 * the connection. Confined to one thread.
 */
final class HttpReader {
  private static final int MAX_HEAD_BYTES = 32 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[8192];
  private int position;
  private int limit;
  private int headBytes;

  HttpReader(InputStream in) {
    this.in = in;
  }

  record Head(int status, Map<String, String> headers) {
    String header(String lowerCaseName) {
      return headers.getOrDefault(lowerCaseName, "");
    }
  }

  Head head() throws IOException {
    String statusLine = line();
    if (!statusLine.startsWith("HTTP/1.") || statusLine.length() < 12) {
      throw new IOException("no HTTP answer: " + statusLine);
    }
    int status = Integer.parseInt(statusLine, 9, 12, 10);
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    return new Head(status, headers);
  }

  InputStream body(Head head) throws IOException {
    if (head.status() == 204 || head.status() == 304) {
      return InputStream.nullInputStream();
    }
    if (head.header("transfer-encoding").equalsIgnoreCase("chunked")) {
      return new Chunked();
    }
    String length = head.header("content-length");
    return length.isEmpty() ? raw() : new Sized(Long.parseLong(length));
  }

  /** What follows, undecoded; bytes read ahead come first. */
  InputStream raw() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return next();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return HttpReader.this.read(bytes, offset, length);
      }
    };
  }

  private int next() throws IOException {
    if (position == limit && !fill()) {
      return -1;
    }
    return buffer[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    int count = in.read(buffer, 0, buffer.length);
    position = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }

  private int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (position == limit) {
      return in.read(bytes, offset, length);
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, bytes, offset, count);
    position += count;
    return count;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int b = next(); b != '\n'; b = next()) {
      if (b < 0) {
        throw new EOFException("the connection ended inside an HTTP head");
      }
      if (++headBytes > MAX_HEAD_BYTES) {
        throw new IOException("HTTP head longer than " + MAX_HEAD_BYTES + " bytes");
      }
      line.append((char) b);
    }
    int end = line.length();
    if (end > 0 && line.charAt(end - 1) == '\r') {
      line.setLength(end - 1);
    }
    return new String(
        line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private final class Sized extends InputStream {
    private long left;

    Sized(long left) {
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = HttpReader.this.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("the connection ended " + left + " bytes before the body's end");
      }
      left -= count;
      return count;
    }
  }

  private final class Chunked extends InputStream {
    private long left;
    private boolean ended;
    private boolean first = true;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (ended || length == 0) {
        return ended ? -1 : 0;
      }
      if (left == 0 && !nextChunk()) {
        return -1;
      }
      int count = HttpReader.this.read(bytes, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("the connection ended inside a chunk");
      }
      left -= count;
      return count;
    }

    private boolean nextChunk() throws IOException {
      headBytes = 0;
      if (!first) {
        line();
      }
      first = false;
      String size = line();
      int semicolon = size.indexOf(';');
      left =
          Long.parseLong(semicolon < 0 ? size.strip() : size.substring(0, semicolon).strip(), 16);
      if (left == 0) {
        line();
        ended = true;
      }
      return left > 0;
    }
  }
}
