package dev.wherry.agent.runtime.engine;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;

/**
 * The plain tar archive that a file or a directory with images is. Engines differ in what they
 * unpack: Podman 4 takes a packed OCI archive and no packed docker-archive, and none takes a
 * directory. Told by the first bytes, whatever the name. Nothing is written to the disk; confined
 * to one thread.
 */
public final class ImageArchive extends FilterInputStream {
  private static final int MAGIC_BYTES = 6;
  private static final long END_SECONDS = 10;

  /** Unpackers that Java has none of, by the first bytes of what they unpack. */
  private enum Packing {
    BZIP2("425a68", List.of("bzip2", "-dc")),
    XZ("fd377a585a00", List.of("xz", "-dc")),
    ZSTD("28b52ffd", List.of("zstd", "-dcq"));

    private final String magic;
    private final List<String> unpack;

    Packing(String magic, List<String> unpack) {
      this.magic = magic;
      this.unpack = unpack;
    }
  }

  private ImageArchive(InputStream tar) {
    super(tar);
  }

  /** The archive itself is at fault, and not who reads it. */
  public static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(Path archive, IOException cause) {
      super(archive + ": " + cause.getMessage(), cause);
    }
  }

  /**
   * Opens it.
   *
   * @param archive a file, packed with gzip, bzip2, xz, zstd or not at all; or a directory with
   *     what such a file would hold
   * @throws UnreadableException also where the program that unpacks it is not installed
   */
  public static ImageArchive open(Path archive) throws UnreadableException {
    try {
      return new ImageArchive(new Telling(archive, plain(archive)));
    } catch (IOException e) {
      throw new UnreadableException(archive, e);
    }
  }

  private static InputStream plain(Path archive) throws IOException {
    if (Files.isDirectory(archive)) {
      return new Output(
          new ProcessBuilder("tar", "--create", "--file=-", "--directory=" + archive, "."));
    }
    InputStream file = new BufferedInputStream(Files.newInputStream(archive));
    file.mark(MAGIC_BYTES);
    String magic = HexFormat.of().formatHex(file.readNBytes(MAGIC_BYTES));
    file.reset();
    for (Packing each : Packing.values()) {
      if (magic.startsWith(each.magic)) {
        file.close();
        return new Output(new ProcessBuilder(each.unpack).redirectInput(archive.toFile()));
      }
    }
    return magic.startsWith("1f8b") ? unzipped(file) : file;
  }

  private static InputStream unzipped(InputStream file) throws IOException {
    try {
      return new GZIPInputStream(file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** What a program writes; its failure is a failure to read. */
  private static final class Output extends FilterInputStream {
    private final Process process;

    Output(ProcessBuilder program) throws IOException {
      this(program.redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }

    private Output(Process process) {
      super(process.getInputStream());
      this.process = process;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      if (count < 0 && code() != 0) {
        throw new IOException("it cannot be unpacked");
      }
      return count;
    }

    private int code() throws IOException {
      try {
        return process.waitFor(END_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while an archive was read", e);
      }
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      super.close();
    }
  }

  /** Names the archive in what fails. */
  private static final class Telling extends FilterInputStream {
    private final Path archive;

    Telling(Path archive, InputStream in) {
      super(in);
      this.archive = archive;
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw new UnreadableException(archive, e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        throw new UnreadableException(archive, e);
      }
    }
  }
}
