package dev.wherry.agent.logs;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.OptionalLong;

/** Passes on so many bytes and then fails. Confined to one thread. */
final class LogLimit extends FilterOutputStream {
  private long left;

  /** The limit is reached. */
  static final class ReachedException extends IOException {
    private static final long serialVersionUID = 1L;

    ReachedException() {
      super("limitBytes is reached");
    }
  }

  LogLimit(OutputStream out, OptionalLong limitBytes) {
    super(out);
    left = limitBytes.orElse(Long.MAX_VALUE);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int part = (int) Math.min(length, left);
    out.write(bytes, offset, part);
    left -= part;
    if (left == 0) {
      out.flush();
      throw new ReachedException();
    }
  }
}
