package dev.wherry.master.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A log in segment files of one directory. A batch is one {@link Frame}, written and synced before
 * {@link #append} returns, so all before a frame is on disk when the frame is written.
 *
 * <p>Recovery believes what a later frame or segment proves to have been on disk: damage there is
 * refused. Behind it, only the last batch may be cut short, and is cut off: it was never
 * acknowledged. An intact last batch is kept, and written and synced again, since a sync that
 * failed may have left it in the page cache alone.
 *
 * <p>One thread appends and closes; {@link #truncateBefore} may come from another.
 */
public final class LocalLog implements CommitLog {
  private static final long TERM = 1;
  private static final String UNFINISHED = ".tmp";
  private static final int BUFFER_BYTES = 64 << 10;

  private final Path directory;
  private final Disk disk;
  private final long segmentBytes;
  private final List<Segment> segments; // guarded by itself; never empty
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private Disk.WritableFile file;
  private long size;
  private long nextIndex;
  private long endOffset;
  private boolean broken;

  private LocalLog(
      Path directory,
      Disk disk,
      long segmentBytes,
      List<Segment> segments,
      Disk.WritableFile file,
      long size,
      long nextIndex) {
    this.directory = directory;
    this.disk = disk;
    this.segmentBytes = segmentBytes;
    this.segments = segments;
    this.file = file;
    this.size = size;
    this.nextIndex = nextIndex;
    this.endOffset = segments.getLast().base() + size;
  }

  /**
   * Opens the log of a directory that is there, made new where it is empty, and reads records from
   * an index on; the log ends where the last intact batch does.
   *
   * @param segmentBytes size from which on a batch begins a new file
   * @throws DamagedStoreException when acknowledged records cannot be read, the one at {@code from}
   *     included
   */
  public static LocalLog open(
      Path directory, Disk disk, long segmentBytes, long from, Reader reader) throws IOException {
    removeUnfinished(directory, disk);
    List<Segment> segments = Segment.list(directory);
    if (segments.isEmpty()) {
      Segment first = new Segment(Segment.path(directory, from), 0, from);
      segments.add(first);
      Disk.WritableFile file = create(disk, first);
      return new LocalLog(
          directory, disk, segmentBytes, segments, file, Segment.HEADER_BYTES, from);
    }
    requireContinuous(segments, from);
    Recovery recovery = new Recovery(segments, from, reader);
    recovery.run();
    Segment last = segments.getLast();
    Disk.WritableFile file = disk.append(last.path());
    try {
      if (recovery.end < last.size()) {
        file.truncate(recovery.end);
      }
      if (recovery.lastFrame < recovery.end) {
        file.rewrite(bytes(last.path(), recovery.lastFrame, recovery.end), recovery.lastFrame);
      }
      file.sync();
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return new LocalLog(directory, disk, segmentBytes, segments, file, recovery.end, recovery.next);
  }

  private static void removeUnfinished(Path directory, Disk disk) throws IOException {
    List<Path> unfinished;
    try (Stream<Path> files = Files.list(directory)) {
      unfinished = files.filter(p -> p.toString().endsWith(UNFINISHED)).toList();
    }
    for (Path each : unfinished) {
      disk.delete(each);
    }
  }

  private static void requireContinuous(List<Segment> segments, long from) throws IOException {
    Segment first = segments.getFirst();
    if (first.firstIndex() > from) {
      throw new DamagedStoreException(
          "the log in "
              + first.path().getParent()
              + " begins at record "
              + first.firstIndex()
              + ", but record "
              + from
              + " is needed");
    }
    for (int i = 1; i < segments.size(); i++) {
      Segment before = segments.get(i - 1);
      if (before.base() + before.size() != segments.get(i).base()) {
        throw new DamagedStoreException(
            before.path(),
            before.size(),
            "the next segment, " + segments.get(i).path() + ", does not begin where it ends");
      }
    }
  }

  /** One pass over the segments that hold records from an index on. */
  private static final class Recovery {
    private final List<Segment> segments;
    private final long from;
    private final Reader reader;
    private long next;
    private long lastFrame;
    private long end;

    Recovery(List<Segment> segments, long from, Reader reader) {
      this.segments = segments;
      this.from = from;
      this.reader = reader;
    }

    void run() throws IOException {
      for (int i = 0; i < segments.size(); i++) {
        boolean last = i == segments.size() - 1;
        if (last || segments.get(i + 1).firstIndex() > from) {
          read(segments.get(i), last);
        }
      }
      if (next < from) {
        throw new DamagedStoreException(
            segments.getLast().path(),
            end,
            "the log ends before record " + next + ", but its checkpoint has record " + (from - 1));
      }
    }

    private void read(Segment segment, boolean last) throws IOException {
      next = segment.firstIndex();
      lastFrame = Segment.HEADER_BYTES;
      Segment.End reached = segment.read(this::read);
      end =
          switch (reached) {
            case Segment.End.Whole whole -> whole.size();
            case Segment.End.Torn torn when last -> torn.offset();
            case Segment.End.Torn torn ->
                throw new DamagedStoreException(
                    segment.path(),
                    torn.offset(),
                    torn.why() + ", and a later segment proves that it was on disk");
            case Segment.End.Damaged damaged ->
                throw new DamagedStoreException(
                    segment.path(),
                    damaged.offset(),
                    damaged.why()
                        + ", and the batch at offset "
                        + damaged.provenBy()
                        + " proves that it was on disk");
          };
    }

    private void read(long offset, Frame frame) throws IOException {
      lastFrame = offset;
      for (byte[] record : frame.records()) {
        if (next >= from) {
          reader.read(next, record);
        }
        next++;
      }
    }
  }

  private static ByteBuffer bytes(Path path, long from, long to) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(to - from));
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
    }
    return bytes.flip();
  }

  private static Disk.WritableFile create(Disk disk, Segment segment) throws IOException {
    Path unfinished = segment.path().resolveSibling(segment.path().getFileName() + UNFINISHED);
    Disk.WritableFile file = disk.create(unfinished);
    try {
      file.write(segment.header());
      file.sync();
      disk.publish(unfinished, segment.path());
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public long nextIndex() {
    return nextIndex;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public void append(List<byte[]> records) throws IOException {
    if (broken) {
      throw new IOException("the log failed before");
    }
    broken = true; // Until it is known that it went well.
    if (size >= segmentBytes && nextIndex > segments.getLast().firstIndex()) {
      roll();
    }
    int length = Frame.length(records);
    if (!Frame.plausible(length)) {
      throw new IllegalArgumentException("a batch of " + length + " bytes is too long");
    }
    ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
    header.putInt(length).putInt(0).putLong(TERM).putLong(nextIndex).putLong(endOffset);
    header.putInt(4, Frame.checksum(header, records)).flip();
    buffer.clear().put(header);
    for (byte[] record : records) {
      put(record);
    }
    drain();
    file.sync();
    size += Frame.PREFIX_BYTES + length;
    endOffset += Frame.PREFIX_BYTES + length;
    nextIndex += records.size();
    broken = false;
  }

  private void put(byte[] record) throws IOException {
    if (buffer.remaining() < 4) {
      drain();
    }
    buffer.putInt(record.length);
    int done = 0;
    while (done < record.length) {
      if (!buffer.hasRemaining()) {
        drain();
      }
      int part = Math.min(buffer.remaining(), record.length - done);
      buffer.put(record, done, part);
      done += part;
    }
  }

  private void drain() throws IOException {
    file.write(buffer.flip());
    buffer.clear();
  }

  private void roll() throws IOException {
    Segment next = new Segment(Segment.path(directory, nextIndex), endOffset, nextIndex);
    Disk.WritableFile opened = create(disk, next);
    file.close();
    file = opened;
    size = Segment.HEADER_BYTES;
    endOffset += size;
    synchronized (segments) {
      segments.add(next);
    }
  }

  @Override
  public void truncateBefore(long index) throws IOException {
    while (true) {
      Segment first;
      synchronized (segments) {
        if (segments.size() < 2 || segments.get(1).firstIndex() > index) {
          return;
        }
        first = segments.removeFirst();
      }
      disk.delete(first.path());
    }
  }

  /** Proves the last batch to be on disk, for the next recovery, and closes. */
  @Override
  public void close() throws IOException {
    try {
      if (!broken) {
        append(List.of());
        broken = true;
      }
    } finally {
      file.close();
    }
  }
}
