package dev.wherry.agent.network.cni;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A directory of network configurations, of which the first by name counts, as container runtimes
 * have it. It is read for each pod: plugins that are installed as pods put their file there late,
 * and change it. Immutable.
 */
public record CniDirectory(Path path) {

  /** The configuration as it is now; empty: there is none yet. */
  public Optional<CniConfig> read() throws IOException {
    TreeSet<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "*.{conflist,conf,json}")) {
      entries.forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return Optional.empty();
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    Path first = files.getFirst();
    try {
      return Optional.of(CniConfig.parse(Files.readString(first)));
    } catch (IllegalArgumentException e) {
      throw new IOException(first + ": " + e.getMessage(), e);
    }
  }
}
