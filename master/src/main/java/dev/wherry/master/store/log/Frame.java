package dev.wherry.master.store.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One batch as it stands in a segment, big-endian:
 *
 * <pre>
 * length  4  bytes from term to the end
 * crc32c  4  of length and of all from term to the end
 * term    8  1; a replicated log will count its leaders
 * first   8  index of the first record
 * synced  8  log offset up to which all was known to be on disk before this frame was written
 * records    each: length 4, bytes
 * </pre>
 *
 * A frame without records says that all before it is on disk: the last act of a clean close.
 */
record Frame(long term, long firstIndex, long synced, List<byte[]> records) {
  /** Length and checksum. */
  static final int PREFIX_BYTES = 8;

  /** All before the records. */
  static final int HEADER_BYTES = PREFIX_BYTES + 24;

  /** No frame is longer; a longer length is damage. */
  static final int MAX_BYTES = 64 << 20;

  static int length(List<byte[]> records) {
    int length = HEADER_BYTES - PREFIX_BYTES;
    for (byte[] each : records) {
      length = Math.addExact(length, 4 + each.length);
    }
    return length;
  }

  /** The checksum of a frame whose header stands in the buffer, checksum field aside. */
  static int checksum(ByteBuffer header, List<byte[]> records) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(0).limit(4));
    crc.update(header.duplicate().position(PREFIX_BYTES).limit(HEADER_BYTES));
    ByteBuffer length = ByteBuffer.allocate(4);
    for (byte[] each : records) {
      crc.update(length.putInt(0, each.length).duplicate());
      crc.update(each);
    }
    return (int) crc.getValue();
  }

  /** Whether a frame's bytes, from term on, are what its prefix says. */
  static boolean intact(int length, int crc32c, ByteBuffer body) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(4).putInt(0, length));
    crc.update(body.duplicate());
    return (int) crc.getValue() == crc32c;
  }

  static boolean plausible(int length) {
    return length >= HEADER_BYTES - PREFIX_BYTES && length <= MAX_BYTES;
  }

  /** Of bytes from term on that are {@link #intact}. */
  static Frame decode(ByteBuffer body) {
    long term = body.getLong();
    long first = body.getLong();
    long synced = body.getLong();
    List<byte[]> records = new ArrayList<>();
    while (body.hasRemaining()) {
      byte[] record = new byte[body.getInt()];
      body.get(record);
      records.add(record);
    }
    return new Frame(term, first, synced, records);
  }
}
