package dev.wherry.agent.runtime.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded pipe between two threads: its writer waits while it is full. Closing ends the reader
 * after what is there; abandoning fails the writer. (The JDK's piped streams poll and watch their
 * peer's thread, which pumps do not suit.)
 */
public final class BytePipe implements AutoCloseable {
  private final byte[] ring;
  private int start;
  private int length;
  private boolean ended;
  private boolean abandoned;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  public BytePipe(int capacity) {
    ring = new byte[capacity];
  }

  public OutputStream sink() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        put(bytes, offset, count);
      }
    };
  }

  public InputStream source() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int count) throws IOException {
        return count == 0 ? 0 : take(bytes, offset, count);
      }

      @Override
      public int available() {
        lock.lock();
        try {
          return length;
        } finally {
          lock.unlock();
        }
      }
    };
  }

  private void put(byte[] bytes, int offset, int count) throws IOException {
    int written = 0;
    lock.lock();
    try {
      while (written < count) {
        while (length == ring.length && !abandoned) {
          await();
        }
        if (abandoned) {
          throw new IOException("nobody reads this stream any more");
        }
        int end = (start + length) % ring.length;
        int room = Math.min(ring.length - length, ring.length - end);
        int part = Math.min(room, count - written);
        System.arraycopy(bytes, offset + written, ring, end, part);
        length += part;
        written += part;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private int take(byte[] bytes, int offset, int count) throws IOException {
    lock.lock();
    try {
      while (length == 0 && !ended && !abandoned) {
        await();
      }
      if (length == 0) {
        return -1;
      }
      int part = Math.min(Math.min(count, length), ring.length - start);
      System.arraycopy(ring, start, bytes, offset, part);
      start = (start + part) % ring.length;
      length -= part;
      changed.signalAll();
      return part;
    } finally {
      lock.unlock();
    }
  }

  private void await() throws IOException {
    try {
      changed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Ends the reader after what is there. */
  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fails the writer and ends the reader. */
  public void abandon() {
    lock.lock();
    try {
      abandoned = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
