package dev.wherry.master.store.mapdb;

import java.io.IOException;
import org.mapdb.DataInput2;
import org.mapdb.DataOutput2;
import org.mapdb.Serializer;

/**
 * What one record of MapDB's holds, big-endian: revision 8, capacity 4, length 4 (its complement
 * where the bytes are the numbers of the records that hold the value's pieces), bytes, padding up
 * to the capacity.
 *
 * @param capacity size of the record, always the same once it is made
 */
record Slot(long revision, int capacity, byte[] bytes, Kind kind) {
  /** Bytes before the value. */
  static final int HEADER_BYTES = 16;

  static final Serializer<Slot> SERIALIZER = new SlotSerializer();
  private static final int LEAST_STEP_BYTES = 32;

  /** What the bytes are. */
  enum Kind {
    VALUE,
    PIECES
  }

  /** The capacity for so many bytes: an eighth more at most, or 31 bytes. */
  static int capacityFor(int bytes) {
    int size = HEADER_BYTES + bytes;
    int step = Math.max(LEAST_STEP_BYTES, Integer.highestOneBit(size) >> 3);
    return Math.ceilDiv(size, step) * step;
  }

  private static final class SlotSerializer implements Serializer<Slot> {
    @Override
    public void serialize(DataOutput2 out, Slot slot) throws IOException {
      int length = slot.bytes().length;
      out.writeLong(slot.revision());
      out.writeInt(slot.capacity());
      out.writeInt(slot.kind() == Kind.PIECES ? ~length : length);
      out.write(slot.bytes());
      out.write(new byte[slot.capacity() - HEADER_BYTES - length]);
    }

    @Override
    public Slot deserialize(DataInput2 in, int available) throws IOException {
      long revision = in.readLong();
      int capacity = in.readInt();
      int length = in.readInt();
      byte[] bytes = new byte[length < 0 ? ~length : length];
      in.readFully(bytes);
      return new Slot(revision, capacity, bytes, length < 0 ? Kind.PIECES : Kind.VALUE);
    }
  }
}
