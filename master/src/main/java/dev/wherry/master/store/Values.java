package dev.wherry.master.store;

import java.util.Optional;

/**
 * The bytes of every version that the state still keeps, by a handle given at their put. One thread
 * writes, any thread reads; a reader that comes after a removal finds the value still or nothing,
 * never another's bytes, although handles are given again.
 */
public interface Values extends AutoCloseable {

  /** Keeps a copy of the value or the array itself, and returns its handle. */
  long put(long revision, byte[] value);

  /** Absent when the value of that revision is no longer behind the handle. */
  Optional<byte[]> get(long handle, long revision);

  void remove(long handle);

  @Override
  void close();
}
