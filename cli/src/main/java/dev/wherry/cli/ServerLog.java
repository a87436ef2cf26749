package dev.wherry.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The server's log file. Past {@value #MAX_BYTES} bytes it becomes {@code NAME.1}, in the place of
 * the one before, so that two files of that size are the most that a disk holds. Thread-safe.
 */
final class ServerLog extends OutputStream {
  private static final long MAX_BYTES = 4L << 20;

  private final Path path;
  private FileOutputStream out;
  private long length;

  ServerLog(Path path) throws IOException {
    this.path = path;
    length = Files.exists(path) ? Files.size(path) : 0;
    out = new FileOutputStream(path.toFile(), true);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
    if (length + count > MAX_BYTES && length > 0) {
      out.close();
      Files.move(
          path,
          path.resolveSibling(path.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
      out = new FileOutputStream(path.toFile(), true);
      length = 0;
    }
    out.write(bytes, offset, count);
    length += count;
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
