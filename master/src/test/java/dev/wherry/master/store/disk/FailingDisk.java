package dev.wherry.master.store.disk;

import dev.wherry.master.store.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The real disk, until told to fail. */
final class FailingDisk implements Disk {
  final AtomicBoolean syncFails = new AtomicBoolean();
  final AtomicBoolean writeFails = new AtomicBoolean();

  @Override
  public WritableFile create(Path path) throws IOException {
    return new FailingFile(Disk.REAL.create(path));
  }

  @Override
  public WritableFile append(Path path) throws IOException {
    return new FailingFile(Disk.REAL.append(path));
  }

  @Override
  public void publish(Path from, Path to) throws IOException {
    Disk.REAL.publish(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    Disk.REAL.delete(path);
  }

  private final class FailingFile implements WritableFile {
    private final WritableFile file;

    FailingFile(WritableFile file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      if (writeFails.get()) {
        ByteBuffer half = bytes.slice(bytes.position(), bytes.remaining() / 2);
        file.write(half);
        throw new IOException("No space left on device, by a test");
      }
      file.write(bytes);
    }

    @Override
    public void rewrite(ByteBuffer bytes, long position) throws IOException {
      file.rewrite(bytes, position);
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public void sync() throws IOException {
      if (syncFails.get()) {
        throw new IOException("Input/output error, by a test");
      }
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
