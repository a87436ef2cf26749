package dev.wherry.master.store.mapdb;

import java.io.IOException;
import org.mapdb.DataInput2;
import org.mapdb.DataOutput2;
import org.mapdb.Serializer;

/**
 * A value with the revision that it is of, padded to one of few sizes: MapDB gives a freed record
 * only to one of the same size, so values of any size would leave the memory in pieces.
 */
record SizedBytes(long revision, byte[] value) {
  static final Serializer<SizedBytes> SERIALIZER = new SizedBytesSerializer();
  private static final int HEADER_BYTES = 12;
  private static final int LEAST_STEP_BYTES = 32;

  /** The size that a record of so many bytes takes: at most an eighth more, or 32 bytes. */
  static int padded(int bytes) {
    int step = Math.max(LEAST_STEP_BYTES, Integer.highestOneBit(bytes) >> 3);
    return Math.ceilDiv(bytes, step) * step;
  }

  private static final class SizedBytesSerializer implements Serializer<SizedBytes> {
    @Override
    public void serialize(DataOutput2 out, SizedBytes record) throws IOException {
      byte[] value = record.value();
      out.writeLong(record.revision());
      out.writeInt(value.length);
      out.write(value);
      int bytes = HEADER_BYTES + value.length;
      out.write(new byte[padded(bytes) - bytes]);
    }

    @Override
    public SizedBytes deserialize(DataInput2 in, int available) throws IOException {
      long revision = in.readLong();
      byte[] value = new byte[in.readInt()];
      in.readFully(value);
      return new SizedBytes(revision, value);
    }
  }
}
