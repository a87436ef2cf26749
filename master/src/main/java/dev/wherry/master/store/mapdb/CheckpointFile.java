package dev.wherry.master.store.mapdb;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.StateMachine.VersionVisitor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import org.mapdb.BTreeMap;
import org.mapdb.DB;
import org.mapdb.DBException;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * A checkpoint: the kept versions in an immutable MapDB file, a B-tree written in bulk with its
 * values outside the nodes, and behind MapDB's bytes a trailer: magic 8, length of all before it 8,
 * crc32c of all before it 4.
 *
 * <p>The tree's key is the store's key, escaped so that byte order holds (00 becomes 00 ff; 00 00
 * ends it), and the revision in 8 bytes; its value the creating revision in 8 bytes (0 a deletion)
 * and the value.
 */
public final class CheckpointFile {
  private static final long MAGIC = 0x57_48_45_52_52_59_43_50L; // "WHERRYCP"
  private static final int FORMAT = 1;
  private static final int TRAILER_BYTES = 20;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final long STEP_BYTES = 1 << 20;

  /** Walks the versions to write, by key, then by revision. */
  @FunctionalInterface
  public interface Versions {
    void each(VersionVisitor visitor);
  }

  /**
   * What a checkpoint shows.
   *
   * @param index the last log record in it
   * @param revision the last revision in it
   * @param oldest the oldest revision that can be asked of it
   * @param reserved no revision above this one was ever handed out
   */
  public record Header(long index, long revision, long oldest, long reserved) {}

  private CheckpointFile() {}

  /** Writes a new file and syncs it. */
  public static void write(Path path, Header header, Versions versions) throws IOException {
    try {
      DB db =
          DBMaker.fileDB(path.toFile())
              .fileChannelEnable()
              .fileLockDisable()
              .allocateStartSize(STEP_BYTES)
              .allocateIncrement(STEP_BYTES)
              .make();
      try (db) {
        var sink = tree(db).createFromSink();
        versions.each(
            (key, revision, created, value) ->
                sink.put(treeKey(key, revision), treeValue(created, value)));
        sink.create();
        db.atomicLong("format", FORMAT).create();
        db.atomicLong("index", header.index()).create();
        db.atomicLong("revision", header.revision()).create();
        db.atomicLong("oldest", header.oldest()).create();
        db.atomicLong("reserved", header.reserved()).create();
      }
    } catch (DBException e) {
      throw new IOException("the checkpoint " + path + " cannot be written", e);
    }
    seal(path);
  }

  private static void seal(Path path) throws IOException {
    long length = Files.size(path);
    ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES);
    trailer.putLong(MAGIC).putLong(length).putInt(checksum(path, length)).flip();
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      while (trailer.hasRemaining()) {
        channel.write(trailer);
      }
      channel.force(true);
    }
  }

  private static int checksum(Path path, long length) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = length;
    try (InputStream in = Files.newInputStream(path)) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new IOException(path + " ends " + left + " bytes early");
        }
        crc.update(buffer, 0, read);
        left -= read;
      }
    }
    return (int) crc.getValue();
  }

  /**
   * Checks the whole file against its checksum.
   *
   * @throws IOException when it is not what was written; the message says how
   */
  public static void verify(Path path) throws IOException {
    long length = Files.size(path) - TRAILER_BYTES;
    ByteBuffer trailer = ByteBuffer.allocate(TRAILER_BYTES);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (length >= 0
          && trailer.hasRemaining()
          && channel.read(trailer, length + trailer.position()) >= 0) {}
    }
    if (length < 0 || trailer.getLong(0) != MAGIC || trailer.getLong(8) != length) {
      throw new IOException(path + " is not a whole checkpoint: its trailer is missing");
    }
    if (trailer.getInt(16) != checksum(path, length)) {
      throw new IOException(path + " is damaged: its checksum does not match");
    }
  }

  /** Reads a file that {@link #verify} passed; the header first, then each version. */
  public static Header read(Path path, VersionVisitor visitor) throws IOException {
    try (DB db = DBMaker.fileDB(path.toFile()).fileChannelEnable().readOnly().make()) {
      long format = db.atomicLong("format").open().get();
      if (format != FORMAT) {
        throw new IOException(path + " has format " + format + "; this Wherry reads " + FORMAT);
      }
      BTreeMap<byte[], byte[]> tree = tree(db).open();
      for (Map.Entry<byte[], byte[]> each : tree.getEntries()) {
        ByteBuffer value = ByteBuffer.wrap(each.getValue());
        byte[] key = each.getKey();
        long revision = ByteBuffer.wrap(key).getLong(key.length - 8);
        long created = value.getLong();
        visitor.visit(
            storeKey(key), revision, created, Arrays.copyOfRange(value.array(), 8, value.limit()));
      }
      return header(db);
    } catch (DBException e) {
      throw new IOException("the checkpoint " + path + " cannot be read", e);
    }
  }

  /** The header alone. */
  public static Header header(Path path) throws IOException {
    try (DB db = DBMaker.fileDB(path.toFile()).fileChannelEnable().readOnly().make()) {
      return header(db);
    } catch (DBException e) {
      throw new IOException("the checkpoint " + path + " cannot be read", e);
    }
  }

  private static Header header(DB db) {
    return new Header(
        db.atomicLong("index").open().get(),
        db.atomicLong("revision").open().get(),
        db.atomicLong("oldest").open().get(),
        db.atomicLong("reserved").open().get());
  }

  private static DB.TreeMapMaker<byte[], byte[]> tree(DB db) {
    return db.treeMap("versions", Serializer.BYTE_ARRAY_DELTA2, Serializer.BYTE_ARRAY)
        .valuesOutsideNodesEnable();
  }

  static byte[] treeKey(Key key, long revision) {
    byte[] bytes = key.bytes();
    int zeros = 0;
    for (byte each : bytes) {
      zeros += each == 0 ? 1 : 0;
    }
    ByteBuffer tree = ByteBuffer.allocate(bytes.length + zeros + 2 + 8);
    for (byte each : bytes) {
      tree.put(each);
      if (each == 0) {
        tree.put((byte) 0xff);
      }
    }
    return tree.putShort((short) 0).putLong(revision).array();
  }

  static Key storeKey(byte[] treeKey) {
    int end = treeKey.length - 10;
    byte[] bytes = new byte[end];
    int length = 0;
    for (int i = 0; i < end; i++) {
      bytes[length++] = treeKey[i];
      if (treeKey[i] == 0) {
        i++; // The escape behind it.
      }
    }
    return new Key(Arrays.copyOf(bytes, length));
  }

  private static byte[] treeValue(long created, byte[] value) {
    return ByteBuffer.allocate(8 + value.length).putLong(created).put(value).array();
  }
}
