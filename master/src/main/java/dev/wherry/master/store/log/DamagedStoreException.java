package dev.wherry.master.store.log;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Data that was acknowledged cannot be read back. Nothing was changed; the message names the file
 * and the place, and what to do.
 */
public final class DamagedStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String finding;

  public DamagedStoreException(Path file, long offset, String what) {
    this(file + " is damaged at offset " + offset + ": " + what);
  }

  public DamagedStoreException(String finding) {
    super(
        finding
            + ". Nothing was changed. `wherry store check` shows what can still be read;"
            + " `wherry store restore FILE` puts a backup in its place");
    this.finding = finding;
  }

  /** What is damaged, without what to do. */
  public String finding() {
    return finding;
  }
}
