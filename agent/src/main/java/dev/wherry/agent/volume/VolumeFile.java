package dev.wherry.agent.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a file of a volume that containers write to: step by step from the volume's root, and no
 * link is followed, so that nothing outside of it is read.
 */
public final class VolumeFile {
  private VolumeFile() {}

  /**
   * The file as text; empty where it is not there.
   *
   * @param path relative to the volume's root, without {@code ..}
   * @throws IOException when a step is a link, the file is none or longer than {@code maxBytes}
   */
  public static Optional<String> read(Path volume, String path, int maxBytes) throws IOException {
    Path steps = Path.of(path);
    boolean inside =
        !steps.isAbsolute() && steps.normalize().equals(steps) && !steps.startsWith("..");
    if (path.isEmpty() || !inside) {
      throw new IOException("\"" + path + "\" leads out of its volume");
    }
    try (DirectoryStream<Path> root = Files.newDirectoryStream(volume)) {
      if (!(root instanceof SecureDirectoryStream<Path> secure)) {
        throw new IOException("the file system of " + volume + " cannot be walked safely");
      }
      return read(secure, steps, maxBytes);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> read(SecureDirectoryStream<Path> in, Path steps, int maxBytes)
      throws IOException {
    Path first = steps.getName(0);
    if (steps.getNameCount() > 1) {
      Path rest = steps.subpath(1, steps.getNameCount());
      try (SecureDirectoryStream<Path> next =
          in.newDirectoryStream(first, LinkOption.NOFOLLOW_LINKS)) {
        return read(next, rest, maxBytes);
      }
    }
    boolean regular =
        in.getFileAttributeView(first, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .readAttributes()
            .isRegularFile();
    if (!regular) {
      throw new IOException("\"" + first + "\" is no regular file");
    }
    try (SeekableByteChannel channel =
        in.newByteChannel(first, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      ByteBuffer bytes = ByteBuffer.allocate(maxBytes + 1);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Until the buffer or the file ends.
      }
      if (bytes.position() > maxBytes) {
        throw new IOException("\"" + first + "\" is longer than " + maxBytes + " bytes");
      }
      return Optional.of(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
    }
  }
}
