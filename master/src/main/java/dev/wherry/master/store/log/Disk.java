package dev.wherry.master.store.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The calls by which the store changes files; {@link #REAL} makes them, a test's own lets them
 * fail. Reading needs no port.
 */
public interface Disk {
  Disk REAL = new RealDisk();

  /** An empty file, made new, to be written from its start. */
  WritableFile create(Path path) throws IOException;

  /** A file that is there, to be written on from its end. */
  WritableFile append(Path path) throws IOException;

  /** Puts a file in its place at once, and the name on the disk. Both are in one directory. */
  void publish(Path from, Path to) throws IOException;

  /** Nothing happens when there is no such file. */
  void delete(Path path) throws IOException;

  /** A file open for writing. Confined to one thread at a time. */
  interface WritableFile extends AutoCloseable {
    /** Writes all of it behind what was written. */
    void write(ByteBuffer bytes) throws IOException;

    /** Writes over what is there already. */
    void rewrite(ByteBuffer bytes, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Returns once the contents are on the disk (fdatasync). */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Files of the machine. */
  final class RealDisk implements Disk {
    private RealDisk() {}

    @Override
    public WritableFile create(Path path) throws IOException {
      return new RealFile(
          FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    @Override
    public WritableFile append(Path path) throws IOException {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
      channel.position(channel.size());
      return new RealFile(channel);
    }

    @Override
    public void publish(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(to.toAbsolutePath().resolveSibling("."));
    }

    @Override
    public void delete(Path path) throws IOException {
      Files.deleteIfExists(path);
    }

    // A name is durable only once its directory is synced (fsync(2)).
    private static void syncDirectory(Path directory) throws IOException {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** A channel. */
  record RealFile(FileChannel channel) implements WritableFile {
    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void rewrite(ByteBuffer bytes, long position) throws IOException {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
      channel.position(size);
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
