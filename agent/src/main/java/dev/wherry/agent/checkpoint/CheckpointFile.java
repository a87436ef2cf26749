package dev.wherry.agent.checkpoint;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tree in a file, in Smile with a checksum behind it; replaced whole and synced. Used by one
 * thread at a time.
 */
record CheckpointFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFile.class);
  private static final int CRC_BYTES = 4;

  /**
   * Empty where there is none.
   *
   * @throws IOException also when it is damaged
   */
  Obj read() throws IOException {
    if (!Files.exists(path)) {
      return Obj.EMPTY;
    }
    byte[] bytes = Files.readAllBytes(path);
    int length = bytes.length - CRC_BYTES;
    if (length < 0 || ByteBuffer.wrap(bytes).getInt(length) != crc(bytes, length)) {
      throw new IOException("wrong checksum");
    }
    return Smile.read(Arrays.copyOf(bytes, length));
  }

  /** Writes it; the one before stays whole where this cannot be done. */
  void write(Obj tree) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try {
      write(Smile.write(tree), fresh);
    } catch (IOException e) {
      remove(fresh);
      throw e;
    }
  }

  private void write(byte[] tree, Path fresh) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(tree.length + CRC_BYTES);
    bytes.put(tree).putInt(crc(tree, tree.length)).flip();
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /** Half a file takes room where there is none. */
  private static void remove(Path fresh) {
    try {
      Files.deleteIfExists(fresh);
    } catch (IOException e) {
      LOG.debug("{} stays until the next write: {}", fresh, e.toString());
    }
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
