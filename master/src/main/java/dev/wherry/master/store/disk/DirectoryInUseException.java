package dev.wherry.master.store.disk;

import java.io.IOException;
import java.nio.file.Path;

/** Another process, or this one, has the data directory open. */
public final class DirectoryInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  public DirectoryInUseException(Path directory, String holder) {
    super("the data directory " + directory + " is in use by " + holder);
  }
}
