package dev.wherry.master.store.log;

import java.io.IOException;
import java.util.List;

/**
 * Records in one order, each with its index, ascending without gaps from 1. One thread appends;
 * {@link #truncateBefore} may come from another.
 */
public interface CommitLog extends AutoCloseable {

  /**
   * Appends the records as one batch and returns once they are durable. After a failure it is not
   * known whether they are: nothing more may be appended.
   */
  void append(List<byte[]> records) throws IOException;

  /** The index that the next record gets. */
  long nextIndex();

  /** Bytes ever appended; the difference between two readings is what was written between. */
  long endOffset();

  /** Lets go of records before the index, as far as whole files hold nothing else. */
  void truncateBefore(long index) throws IOException;

  @Override
  void close() throws IOException;

  /** Takes records at recovery, ascending by index. */
  @FunctionalInterface
  interface Reader {
    void read(long index, byte[] record) throws IOException;
  }
}
