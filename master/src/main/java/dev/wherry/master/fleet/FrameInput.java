package dev.wherry.master.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that come in chunks, read as a stream. How much lies here is bounded by who adds: one chunk
 * is asked for when one was read. Reads block; thread-safe for one reader and one writer.
 */
final class FrameInput extends InputStream {
  private final Runnable consumed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
  private int offset;
  private boolean ended;
  private @Nullable IOException failure;

  /**
   * @param consumed told when a chunk was read to its end or thrown away
   */
  FrameInput(Runnable consumed) {
    this.consumed = consumed;
  }

  void add(byte[] chunk) {
    boolean unwanted;
    lock.lock();
    try {
      unwanted = ended || chunk.length == 0;
      if (!unwanted) {
        chunks.add(chunk);
        change.signalAll();
      }
    } finally {
      lock.unlock();
    }
    if (unwanted) {
      consumed.run();
    }
  }

  /** No more comes; what lies here is read first. */
  void end() {
    lock.lock();
    try {
      ended = true;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #end}, and the reader is told why; nothing when the end was told before. */
  void fail(IOException cause) {
    lock.lock();
    try {
      if (!ended) {
        failure = cause;
      }
    } finally {
      lock.unlock();
    }
    end();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int at, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int size;
    boolean emptied;
    lock.lock();
    try {
      byte[] chunk = awaitChunk();
      if (chunk.length == 0) {
        return -1;
      }
      size = Math.min(length, chunk.length - offset);
      System.arraycopy(chunk, offset, bytes, at, size);
      offset += size;
      emptied = offset == chunk.length;
      if (emptied) {
        chunks.remove();
        offset = 0;
      }
    } finally {
      lock.unlock();
    }
    if (emptied) {
      consumed.run();
    }
    return size;
  }

  /** The chunk to read from; an empty one at the end. */
  private byte[] awaitChunk() throws IOException {
    while (chunks.isEmpty() && !ended) {
      try {
        change.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while reading from a node", e);
      }
    }
    byte[] chunk = chunks.peek();
    if (chunk != null) {
      return chunk;
    }
    if (failure != null) {
      throw failure;
    }
    return new byte[0];
  }

  @Override
  public int available() {
    lock.lock();
    try {
      byte[] chunk = chunks.peek();
      return chunk == null ? 0 : chunk.length - offset;
    } finally {
      lock.unlock();
    }
  }
}
