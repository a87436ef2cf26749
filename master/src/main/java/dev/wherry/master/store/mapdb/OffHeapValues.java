package dev.wherry.master.store.mapdb;

import dev.wherry.master.store.Values;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Store;
import org.mapdb.StoreDirect;

/**
 * Values in MapDB's record store in direct memory; a handle is a record's number (recid).
 *
 * <p>Written around what MapDB 3.1 does with memory, measured: its B-tree never merges nodes, so a
 * tree of versions grows without end; a record deleted and another put leaves 150 to 300 bytes
 * behind for good; so does an update of a record above 64 KB. An update of the same size leaves
 * nothing. So records are never deleted but kept by their capacity and written over, and large
 * values are cut into pieces.
 *
 * <p>One thread writes, any thread reads.
 */
public final class OffHeapValues implements Values {
  private static final long STEP_BYTES = 1 << 20;
  private static final int PIECE_BYTES = 32 << 10;

  private final DB db;
  private final Store records;
  // Records that hold nothing, by capacity; no list is empty. The writer's alone.
  private final NavigableMap<Integer, Deque<Long>> free = new TreeMap<>();

  public OffHeapValues() {
    db =
        DBMaker.memoryDirectDB().allocateStartSize(STEP_BYTES).allocateIncrement(STEP_BYTES).make();
    records = db.getStore();
  }

  @Override
  public long put(long revision, byte[] value) {
    if (value.length <= PIECE_BYTES) {
      return put(revision, value, Slot.Kind.VALUE);
    }
    ByteBuffer pieces = ByteBuffer.allocate(8 * Math.ceilDiv(value.length, PIECE_BYTES));
    for (int from = 0; from < value.length; from += PIECE_BYTES) {
      int to = Math.min(from + PIECE_BYTES, value.length);
      pieces.putLong(put(revision, Arrays.copyOfRange(value, from, to), Slot.Kind.VALUE));
    }
    return put(revision, pieces.array(), Slot.Kind.PIECES);
  }

  private long put(long revision, byte[] bytes, Slot.Kind kind) {
    int capacity = Slot.capacityFor(bytes.length);
    // One up to twice as large is better used than kept for its like.
    Map.Entry<Integer, Deque<Long>> fitting = free.ceilingEntry(capacity);
    if (fitting == null || fitting.getKey() > 2 * capacity) {
      return records.put(new Slot(revision, capacity, bytes, kind), Slot.SERIALIZER);
    }
    long handle = fitting.getValue().removeLast();
    if (fitting.getValue().isEmpty()) {
      free.remove(fitting.getKey());
    }
    records.update(handle, new Slot(revision, fitting.getKey(), bytes, kind), Slot.SERIALIZER);
    return handle;
  }

  @Override
  public Optional<byte[]> get(long handle, long revision) {
    Slot slot = records.get(handle, Slot.SERIALIZER);
    if (slot.revision() != revision) {
      return Optional.empty(); // Another value's by now.
    }
    return switch (slot.kind()) {
      case VALUE -> Optional.of(slot.bytes());
      case PIECES -> join(slot);
    };
  }

  private Optional<byte[]> join(Slot slot) {
    ByteBuffer pieces = ByteBuffer.wrap(slot.bytes());
    byte[] value = new byte[pieces.remaining() / 8 * PIECE_BYTES];
    int length = 0;
    while (pieces.hasRemaining()) {
      Slot piece = records.get(pieces.getLong(), Slot.SERIALIZER);
      if (piece.revision() != slot.revision()) {
        return Optional.empty();
      }
      System.arraycopy(piece.bytes(), 0, value, length, piece.bytes().length);
      length += piece.bytes().length;
    }
    return Optional.of(Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long handle) {
    Slot slot = records.get(handle, Slot.SERIALIZER);
    if (slot.kind() == Slot.Kind.PIECES) {
      ByteBuffer pieces = ByteBuffer.wrap(slot.bytes());
      while (pieces.hasRemaining()) {
        remove(pieces.getLong());
      }
    }
    free.computeIfAbsent(slot.capacity(), _ -> new ArrayDeque<>()).addLast(handle);
  }

  /** Direct memory taken, with the records that hold nothing. */
  public long bytes() {
    return ((StoreDirect) records).getTotalSize();
  }

  @Override
  public void close() {
    db.close();
  }
}
