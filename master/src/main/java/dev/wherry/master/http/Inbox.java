package dev.wherry.master.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes that a client sends, for a thread that reads them. The event loop puts them in without
 * waiting; past {@value #HIGH_BYTES} the connection is read no further until the reader has caught
 * up. Thread-safe.
 */
final class Inbox extends InputStream {
  static final int HIGH_BYTES = 256 * 1024;
  private static final int LOW_BYTES = 64 * 1024;

  private final ReadPause pause;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> chunks = new ArrayDeque<>(); // guarded by lock
  private int offset; // guarded by lock: what of the first chunk is read
  private int size; // guarded by lock
  private boolean ended; // guarded by lock
  private boolean pausing; // guarded by lock

  Inbox(ReadPause pause) {
    this.pause = pause;
  }

  void put(byte[] chunk) {
    lock.lock();
    try {
      if (ended || chunk.length == 0) {
        return;
      }
      chunks.add(chunk);
      size += chunk.length;
      if (size > HIGH_BYTES && !pausing) {
        pausing = true;
        pause.begin();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** No more comes; what is there can still be read. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int start, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    lock.lock();
    try {
      while (chunks.isEmpty() && !ended) {
        changed.await();
      }
      if (chunks.isEmpty()) {
        return -1;
      }
      byte[] chunk = chunks.element();
      int count = Math.min(length, chunk.length - offset);
      System.arraycopy(chunk, offset, target, start, count);
      offset += count;
      size -= count;
      if (offset == chunk.length) {
        chunks.remove();
        offset = 0;
      }
      resumeWhenLow();
      return count;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the client");
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is there and what comes: nobody reads any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      chunks.clear();
      size = 0;
      offset = 0;
      resumeWhenLow();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void resumeWhenLow() {
    if (pausing && size < LOW_BYTES) {
      pausing = false;
      pause.end();
    }
  }
}
