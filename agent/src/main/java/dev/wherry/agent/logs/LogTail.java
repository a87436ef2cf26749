package dev.wherry.agent.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Finds where the last lines of a log begin, by reading it backwards in blocks. */
final class LogTail {
  private static final int BLOCK_BYTES = 32 * 1024;

  /** Of a line, to tell whether it is a part: Docker's longest has 16 KiB of text in JSON. */
  private static final int MAX_LINE_BYTES = 128 * 1024;

  private LogTail() {}

  /**
   * Where the last {@code lines} lines begin; parts of a line count as one. The file's end for
   * none.
   *
   * @param size of the file; what comes after is not looked at
   */
  static long start(FileChannel file, long size, long lines) throws IOException {
    if (lines <= 0) {
      return size;
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    long seen = 0;
    long lineEnd = -1; // the newline that ends the line in question
    for (long from = size; from > 0; ) {
      int length = (int) Math.min(BLOCK_BYTES, from);
      from -= length;
      fill(file, block.clear().limit(length), from);
      for (int i = length - 1; i >= 0; i--) {
        if (block.get(i) != '\n') {
          continue;
        }
        long newline = from + i;
        if (lineEnd >= 0) {
          boolean isWhole = !isPart(file, newline + 1, lineEnd);
          if (isWhole && seen == lines) {
            return lineEnd + 1;
          }
          // Parts belong to the line that follows them; the last ones to one that is being written.
          seen += isWhole || lineEnd == size - 1 ? 1 : 0;
        }
        if (lineEnd < 0 && newline != size - 1) {
          seen++; // a last line that is not ended yet counts too
        }
        lineEnd = newline;
      }
    }
    boolean isOneTooMany = lineEnd >= 0 && seen == lines && !isPart(file, 0, lineEnd);
    return isOneTooMany ? lineEnd + 1 : 0;
  }

  private static boolean isPart(FileChannel file, long start, long end) throws IOException {
    ByteBuffer line = ByteBuffer.allocate((int) Math.min(end - start, MAX_LINE_BYTES));
    fill(file, line, start);
    return LogLine.parse(line.array(), 0, line.position()).filter(LogLine::partial).isPresent();
  }

  private static void fill(FileChannel file, ByteBuffer buffer, long from) throws IOException {
    while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) > 0) {
      // Reads until the block is whole.
    }
  }
}
