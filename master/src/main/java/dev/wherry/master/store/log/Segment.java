package dev.wherry.master.store.log;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * One file of the log. Its header, big-endian: magic 8, format 4, crc32c of the rest 4, log offset
 * of the file's first byte 8, index of its first record 8. Log offsets count all bytes of all
 * segments, headers with them. Immutable; the file may grow.
 *
 * @param base log offset of the file's first byte
 * @param firstIndex index of the first record, there or to come
 */
record Segment(Path path, long base, long firstIndex) {
  static final int HEADER_BYTES = 32;
  private static final long MAGIC = 0x57_48_45_52_52_59_4c_47L; // "WHERRYLG"
  private static final int FORMAT = 1;
  private static final String SUFFIX = ".log";
  private static final int READ_BYTES = 64 << 10;

  /** What reading a segment's frames came to; offsets are in the file. */
  sealed interface End {
    /** Every byte belongs to an intact frame. */
    record Whole(long size) implements End {}

    /**
     * From here on there is no intact frame that proves this place to have been on disk: a write
     * that was cut short.
     */
    record Torn(long offset, String why) implements End {}

    /** A later frame proves that this place was on disk once. */
    record Damaged(long offset, String why, long provenBy) implements End {}
  }

  /** Takes the frames of a segment, with the offset in the file where each begins. */
  @FunctionalInterface
  interface FrameReader {
    void read(long offset, Frame frame) throws IOException;
  }

  static Path path(Path directory, long firstIndex) {
    return directory.resolve(String.format(Locale.ROOT, "%016x%s", firstIndex, SUFFIX));
  }

  ByteBuffer header() {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putLong(MAGIC).putInt(FORMAT).putInt(0).putLong(base).putLong(firstIndex);
    return header.putInt(12, headerChecksum(header)).flip();
  }

  private static int headerChecksum(ByteBuffer header) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(0).limit(12));
    crc.update(header.duplicate().position(16).limit(HEADER_BYTES));
    return (int) crc.getValue();
  }

  /** The segments of a directory in their order. */
  static List<Segment> list(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> files = Files.list(directory)) {
      paths = files.filter(p -> p.getFileName().toString().endsWith(SUFFIX)).sorted().toList();
    }
    List<Segment> segments = new ArrayList<>();
    for (Path path : paths) {
      segments.add(open(path));
    }
    segments.sort(Comparator.comparingLong(Segment::base));
    return segments;
  }

  private static Segment open(Path path) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (header.hasRemaining() && channel.read(header) >= 0) {}
    }
    // A header is on disk before its file has its name.
    if (header.hasRemaining()
        || header.getLong(0) != MAGIC
        || header.getInt(12) != headerChecksum(header)) {
      throw new DamagedStoreException(path, 0, "this is not the header of a log segment");
    }
    if (header.getInt(8) != FORMAT) {
      throw new IOException(
          path + " has format " + header.getInt(8) + "; this Wherry reads format " + FORMAT);
    }
    return new Segment(path, header.getLong(16), header.getLong(24));
  }

  long size() throws IOException {
    return Files.size(path);
  }

  /** Reads the frames up to the end or the first that is not intact. */
  End read(FrameReader reader) throws IOException {
    long size = size();
    long offset = HEADER_BYTES;
    long next = firstIndex;
    String why = "";
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path), READ_BYTES))) {
      in.skipNBytes(HEADER_BYTES);
      while (offset < size) {
        if (size - offset < Frame.HEADER_BYTES) {
          why = "a frame's header is cut short";
          break;
        }
        int length = in.readInt();
        int crc = in.readInt();
        if (!Frame.plausible(length) || length > size - offset - Frame.PREFIX_BYTES) {
          why = "a frame's length is " + length + " where " + (size - offset) + " bytes are left";
          break;
        }
        ByteBuffer body = ByteBuffer.wrap(in.readNBytes(length));
        if (!Frame.intact(length, crc, body)) {
          why = "a frame's checksum does not match";
          break;
        }
        Frame frame = Frame.decode(body);
        if (frame.firstIndex() != next) {
          why = "a frame begins at index " + frame.firstIndex() + " where " + next + " is next";
          break;
        }
        next += frame.records().size();
        reader.read(offset, frame);
        offset += Frame.PREFIX_BYTES + length;
      }
    }
    if (offset == size) {
      return new End.Whole(size);
    }
    Optional<Long> proof = proofBehind(offset, next);
    return proof.isPresent()
        ? new End.Damaged(offset, why, proof.get())
        : new End.Torn(offset, why);
  }

  /** The offset of an intact frame that was written when {@code bad} was known to be on disk. */
  private Optional<Long> proofBehind(long bad, long nextIndex) throws IOException {
    ByteBuffer rest;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      rest = ByteBuffer.allocate(Math.toIntExact(channel.size() - bad));
      channel.position(bad);
      while (rest.hasRemaining() && channel.read(rest) >= 0) {}
      rest.flip();
    }
    for (int at = 1; at + Frame.HEADER_BYTES <= rest.limit(); at++) {
      // The offset alone tells nearly every place apart; the checksum decides.
      long synced = rest.getLong(at + Frame.HEADER_BYTES - 8);
      int length = rest.getInt(at);
      if (synced > base + bad
          && synced <= base + bad + at
          && rest.getLong(at + 16) >= nextIndex
          && Frame.plausible(length)
          && length <= rest.limit() - at - Frame.PREFIX_BYTES
          && Frame.intact(
              length, rest.getInt(at + 4), rest.slice(at + Frame.PREFIX_BYTES, length))) {
        return Optional.of(bad + at);
      }
    }
    return Optional.empty();
  }
}
