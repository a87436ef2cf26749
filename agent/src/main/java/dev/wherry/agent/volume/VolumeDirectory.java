package dev.wherry.agent.volume;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Where the volumes of this node lie that were made for claims, one directory each. They outlive
 * pods and go only at the master's word. Immutable.
 */
public record VolumeDirectory(Path root) {
  public VolumeDirectory {
    root = root.toAbsolutePath().normalize();
  }

  /**
   * Removes a volume's directory with all that is in it, links not followed; one that is not there
   * is no error.
   *
   * @throws IllegalArgumentException for a path that is no directory right below the root
   */
  public void remove(String path) throws IOException {
    Path directory = Path.of(path);
    if (!directory.isAbsolute()
        || !directory.equals(directory.normalize())
        || !root.equals(directory.getParent())) {
      throw new IllegalArgumentException(
          "\"" + path + "\" is no volume of this node: those lie in " + root);
    }
    delete(directory);
  }

  /** Removes all of them. */
  public void purge() throws IOException {
    if (Files.isDirectory(root)) {
      try (DirectoryStream<Path> volumes = Files.newDirectoryStream(root)) {
        for (Path each : volumes) {
          delete(each);
        }
      }
      AtomicFiles.deleteTree(root);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      VolumeQuotas.release(directory);
    }
    AtomicFiles.deleteTree(directory);
  }
}
