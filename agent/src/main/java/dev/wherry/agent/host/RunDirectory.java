package dev.wherry.agent.host;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * An agent's directory below one that the agents of a machine share. Whoever leaves last takes the
 * shared one along, while another may be about to make its own. Immutable.
 */
public record RunDirectory(Path path) {

  /** The shared one may be taken away as often as others leave in that moment. */
  private static final int MAX_TRIES = 100;

  /** Makes it where it is missing. */
  public void make() throws IOException {
    for (int left = MAX_TRIES - 1; ; left--) {
      try {
        Files.createDirectories(path);
        return;
      } catch (NoSuchFileException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  /** Removes the shared one where nothing is in it; this agent's own is gone by now. */
  public void removeShared() throws IOException {
    Path shared = path.toAbsolutePath().getParent();
    if (shared == null) {
      return;
    }
    try {
      Files.deleteIfExists(shared);
    } catch (DirectoryNotEmptyException _) {
      // Another agent's directory is in it. The kernel looks and removes in one step.
    }
  }
}
