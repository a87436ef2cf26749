package dev.wherry.master.bootstrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Where a master says on which port it serves agents, for commands on its machine. */
public final class AgentPort {
  private static final String FILE = "agent-port";

  private AgentPort() {}

  static void write(Path directory, int port) throws IOException {
    Files.writeString(directory.resolve(FILE), port + "\n");
  }

  /** Forgets the port of an earlier run. */
  static void forget(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(FILE));
  }

  /** Empty when the master of this data directory serves no agents. */
  public static OptionalInt read(Path directory) {
    try {
      return OptionalInt.of(Integer.parseInt(Files.readString(directory.resolve(FILE)).strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty(); // none was written, or it is being written
    }
  }
}
