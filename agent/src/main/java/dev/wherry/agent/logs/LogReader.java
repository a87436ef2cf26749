package dev.wherry.agent.logs;

import dev.wherry.agent.logs.PodLogs.Query;
import dev.wherry.agent.logs.PodLogs.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads one log: the file that is written when it begins, to where it ends then, or for as long as
 * somebody writes, then across its rotations too. Confined to one thread.
 */
final class LogReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int FIRST_BUFFER_BYTES = 16 * 1024;

  /** A longer line is passed on in parts. */
  private static final int MAX_LINE_BYTES = 256 * 1024;

  private final LogGenerations generations;
  private final Query query;
  private final OutputStream out;
  private FileChannel file;
  private Object fileKey;
  private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
  private int filled;
  private int scanned;
  private boolean insideLine;

  /** Where reading ends; what is written past it is not of this log as it was asked for. */
  private long end = Long.MAX_VALUE;

  /** Whether more may be written. */
  interface Growing {
    boolean mayGrow() throws IOException;
  }

  LogReader(Path log, Query query, OutputStream out) throws IOException {
    this.generations = new LogGenerations(log);
    this.query = query;
    this.out = out;
    Path first = first();
    this.fileKey = key(first);
    this.file = FileChannel.open(first, StandardOpenOption.READ);
  }

  /** The file that is written; where a rotation is under way, the one that was. */
  private Path first() throws IOException {
    Path current = generations.current();
    List<Path> rotated = generations.rotated();
    return LogGenerations.key(current).isPresent() || rotated.isEmpty()
        ? current
        : rotated.getLast();
  }

  private static Object key(Path path) throws IOException {
    return LogGenerations.key(path).orElseThrow(() -> new NoSuchFileException(path.toString()));
  }

  void copy(Growing growing) throws IOException, InterruptedException {
    long size = file.size();
    if (query.tailLines().isPresent()) {
      file.position(LogTail.start(file, size, query.tailLines().getAsLong()));
    }
    if (!query.follow()) {
      end = size; // whoever writes as fast as this reads would keep it for ever
    }
    boolean more = true;
    while (more) {
      // Asked before the read: what is written between the two is read by it.
      boolean mayGrow = growing.mayGrow();
      boolean read = readToEnd();
      while (query.follow() && goOn()) {
        read |= readToEnd();
      }
      more = mayGrow;
      if (!more) {
        unfinished();
      }
      out.flush();
      if (mayGrow && !read) {
        Thread.sleep(POLL);
      }
    }
  }

  /**
   * To the next file where this one is not written any more; false while it is. A file that is
   * renamed in this moment is looked for again.
   */
  private boolean goOn() throws IOException {
    Optional<Path> next = generations.after(fileKey);
    if (next.isEmpty()) {
      return false;
    }
    readToEnd(); // what came between the last read and the rotation
    try {
      Object key = key(next.get());
      FileChannel opened = FileChannel.open(next.get(), StandardOpenOption.READ);
      if (LogGenerations.key(next.get()).equals(Optional.of(key))) {
        file.close();
        file = opened;
        fileKey = key;
      } else {
        opened.close();
      }
    } catch (NoSuchFileException _) {
      return false;
    }
    return true;
  }

  private boolean readToEnd() throws IOException {
    boolean any = false;
    for (int count = read(); count > 0; count = read()) {
      any = true;
      filled += count;
      takeLines();
    }
    return any;
  }

  private int read() throws IOException {
    long left = Math.max(0, end - file.position());
    int length = (int) Math.min(buffer.length - filled, left);
    return file.read(ByteBuffer.wrap(buffer, filled, length));
  }

  private void takeLines() throws IOException {
    int start = 0;
    for (int i = scanned; i < filled; i++) {
      if (buffer[i] == '\n') {
        write(start, i);
        start = i + 1;
      }
    }
    if (start == 0 && filled >= MAX_LINE_BYTES) {
      write(0, filled);
      start = filled;
    }
    System.arraycopy(buffer, start, buffer, 0, filled - start);
    filled -= start;
    scanned = filled;
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(MAX_LINE_BYTES, 2 * buffer.length));
    }
  }

  /** A last line that nobody ended. */
  private void unfinished() throws IOException {
    if (filled > 0) {
      write(0, filled);
      filled = 0;
      scanned = 0;
    }
  }

  private void write(int start, int end) throws IOException {
    Optional<LogLine> parsed = LogLine.parse(buffer, start, end);
    if (parsed.isEmpty()) {
      out.write(buffer, start, end - start);
      out.write('\n');
      return;
    }
    LogLine line = parsed.get();
    boolean isOld = query.since().filter(since -> line.time().isBefore(since)).isPresent();
    if (isOld || query.source() != Source.ALL && query.source() != line.source()) {
      return;
    }
    if (query.timestamps() && !insideLine) {
      out.write((line.timeText() + " ").getBytes(StandardCharsets.US_ASCII));
    }
    out.write(line.bytes(), line.textStart(), line.end() - line.textStart());
    if (!line.partial()) {
      out.write('\n');
    }
    insideLine = line.partial();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
