package dev.wherry.agent.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * A directory that is held open: what is done by {@link #path} is done in it, whatever is put in
 * its place meanwhile. Confined to one thread.
 */
public final class HeldDirectory implements AutoCloseable {
  private final int descriptor;

  private HeldDirectory(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Holds it.
   *
   * @throws NotDirectoryException when it is something else, a link for one
   */
  public static HeldDirectory open(Path directory) throws IOException {
    HeldDirectory held = new HeldDirectory(Linux.open(directory, Linux.O_PATH | Linux.O_NOFOLLOW));
    if (!Files.isDirectory(held.path())) {
      held.close();
      throw new NotDirectoryException(directory.toString());
    }
    return held;
  }

  /** Leads to it, for this process alone. */
  public Path path() {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  /** Its real path as of now. */
  public Path place() throws IOException {
    return Files.readSymbolicLink(path());
  }

  /** Its permissions, with those for all that is made in it (07777). */
  public int mode() throws IOException {
    return (int) Files.getAttribute(path(), "unix:mode") & 07777;
  }

  @Override
  public void close() throws IOException {
    Linux.close(descriptor);
  }
}
