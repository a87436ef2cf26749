package dev.wherry.master.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Values on the heap; a value's handle is its revision. */
final class HeapValues implements Values {
  private final Map<Long, byte[]> values = new ConcurrentHashMap<>();

  @Override
  public long put(long revision, byte[] value) {
    values.put(revision, value);
    return revision;
  }

  @Override
  public Optional<byte[]> get(long handle, long revision) {
    return Optional.ofNullable(values.get(handle));
  }

  @Override
  public void remove(long handle) {
    values.remove(handle);
  }

  @Override
  public void close() {
    values.clear();
  }
}
