package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The image archives that every node starts with: those of {@code edge-images/} and the user's own.
 */
final class ShippedImages {
  private ShippedImages() {}

  /** Copies what is new or changed to where the agent loads images from. */
  static void copyTo(Path preloaded, DataDirectory data) throws IOException {
    Files.createDirectories(preloaded);
    copy(Path.of(System.getProperty("wherry.home", "."), "edge-images", "target"), preloaded);
    copy(data.images(), preloaded);
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    try (DirectoryStream<Path> archives = Files.newDirectoryStream(from, "*.tar")) {
      for (Path archive : archives) {
        Path copy = to.resolve(archive.getFileName());
        if (!Files.exists(copy)
            || Files.getLastModifiedTime(copy).compareTo(Files.getLastModifiedTime(archive)) < 0) {
          Files.copy(archive, copy, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
