package dev.wherry.master.store.mapdb;

import dev.wherry.master.store.Values;
import java.util.Optional;
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Store;
import org.mapdb.StoreDirect;

/**
 * Values in MapDB's record store in direct memory; a handle is a record's number (recid). Not in
 * its B-tree: that one never merges nodes, and each version is a new key, so the tree of a busy
 * cluster grows without end.
 *
 * <p>One thread writes, any thread reads.
 */
public final class OffHeapValues implements Values {
  private static final long STEP_BYTES = 1 << 20;

  private final DB db;
  private final Store records;

  public OffHeapValues() {
    db =
        DBMaker.memoryDirectDB().allocateStartSize(STEP_BYTES).allocateIncrement(STEP_BYTES).make();
    records = db.getStore();
  }

  @Override
  public long put(long revision, byte[] value) {
    return records.put(new SizedBytes(revision, value), SizedBytes.SERIALIZER);
  }

  @Override
  public Optional<byte[]> get(long handle, long revision) {
    SizedBytes record;
    try {
      record = records.get(handle, SizedBytes.SERIALIZER);
    } catch (DBException.GetVoid _) {
      return Optional.empty(); // Removed since the reader learnt the handle.
    }
    // The number may be another value's by now.
    return record != null && record.revision() == revision
        ? Optional.of(record.value())
        : Optional.empty();
  }

  @Override
  public void remove(long handle) {
    records.delete(handle, SizedBytes.SERIALIZER);
  }

  /** Direct memory taken, free records with it. */
  public long bytes() {
    return ((StoreDirect) records).getTotalSize();
  }

  @Override
  public void close() {
    db.close();
  }
}
