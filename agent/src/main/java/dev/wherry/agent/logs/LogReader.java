package dev.wherry.agent.logs;

import dev.wherry.agent.logs.PodLogs.Query;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads one log file, to its end or for as long as somebody writes it. Confined to one thread. */
final class LogReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int BUFFER_BYTES = 32 * 1024;

  /** A longer line is passed on in parts. */
  private static final int MAX_LINE_BYTES = 64 * 1024;

  private final FileChannel file;
  private final Query query;
  private final OutputStream out;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
  private boolean insideLine;

  /** Whether more may be written. */
  interface Growing {
    boolean mayGrow() throws IOException;
  }

  LogReader(Path path, Query query, OutputStream out) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.READ);
    this.query = query;
    this.out = out;
  }

  void copy(Growing growing) throws IOException, InterruptedException {
    if (query.tailLines().isPresent()) {
      file.position(tailStart(query.tailLines().getAsLong()));
    }
    boolean more = true;
    while (more) {
      // Asked before the read: what is written between the two is read by it.
      boolean mayGrow = growing.mayGrow();
      boolean read = readToEnd();
      out.flush();
      more = mayGrow;
      if (mayGrow && !read) {
        Thread.sleep(POLL);
      }
    }
  }

  private boolean readToEnd() throws IOException {
    boolean any = false;
    buffer.clear();
    while (file.read(buffer) > 0) {
      any = true;
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte b = buffer.get();
        if (b == '\n' || line.size() >= MAX_LINE_BYTES) {
          write(line.toByteArray());
          line.reset();
        }
        if (b != '\n') {
          line.write(b);
        }
      }
      buffer.clear();
    }
    return any;
  }

  private void write(byte[] bytes) throws IOException {
    Optional<CriLine> parsed = CriLine.parse(bytes);
    if (parsed.isEmpty()) {
      out.write(bytes);
      out.write('\n');
      return;
    }
    CriLine cri = parsed.get();
    Optional<Instant> since = query.since();
    if (since.isPresent() && cri.time().isBefore(since.get())) {
      return;
    }
    if (query.timestamps() && !insideLine) {
      out.write(bytes, 0, cri.timeEnd());
      out.write(' ');
    }
    out.write(bytes, cri.textStart(), bytes.length - cri.textStart());
    if (!cri.partial()) {
      out.write('\n');
    }
    insideLine = cri.partial();
  }

  /** Where the last {@code lines} whole lines begin. */
  private long tailStart(long lines) throws IOException {
    long size = file.size();
    if (lines <= 0) {
      return size;
    }
    long position = size;
    long seen = 0;
    while (position > 0) {
      int length = (int) Math.min(BUFFER_BYTES, position);
      position -= length;
      buffer.clear().limit(length);
      while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) > 0) {
        // Reads until the block is whole.
      }
      for (int i = buffer.position() - 1; i >= 0; i--) {
        long at = position + i;
        // The newline that ends the file ends the last line and begins none.
        if (buffer.get(i) == '\n' && at != size - 1 && !isPartBefore(at) && ++seen == lines) {
          return at + 1;
        }
      }
    }
    return 0;
  }

  /** Whether the line that this newline ends goes on in the next. */
  private boolean isPartBefore(long newline) throws IOException {
    ByteBuffer back = ByteBuffer.allocate((int) Math.min(newline, 64 * 1024));
    long from = newline - back.capacity();
    while (back.hasRemaining() && file.read(back, from + back.position()) > 0) {
      // Reads until the block is whole.
    }
    int start = back.position();
    while (start > 0 && back.get(start - 1) != '\n') {
      start--;
    }
    byte[] bytes = new byte[back.position() - start];
    back.get(start, bytes);
    return CriLine.parse(bytes).filter(CriLine::partial).isPresent();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
