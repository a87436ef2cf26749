package dev.wherry.agent.runtime.podman;

import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The pipe by which a container's conmon is told things. */
final class ConmonControl {
  /** A kind of message, and two numbers. */
  private static final byte[] REOPEN_LOG = "2 0 0\n".getBytes(StandardCharsets.US_ASCII);

  private ConmonControl() {}

  /**
   * Has conmon open its container's log anew.
   *
   * @param inspected Podman's word on the container, which tells where the pipe is
   */
  static void reopenLog(Obj inspected) throws IOException {
    Path control = Path.of(inspected.string("OCIConfigPath")).resolveSibling("ctl");
    // Both ways: where conmon has died, opening it to write alone would wait for a reader for ever.
    try (RandomAccessFile pipe = new RandomAccessFile(control.toFile(), "rw")) {
      pipe.write(REOPEN_LOG);
    }
  }
}
