package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Wherry is to systemd on a machine: one unit of {@code systemd/}, with the place where Wherry
 * lies on this machine in it.
 */
enum ServiceUnit {
  /** Master and agent in one process. */
  SERVER("wherry.service"),
  MASTER("wherry-master.service"),
  AGENT("wherry-agent.service");

  /** Where the units say that Wherry lies. */
  private static final String PLACE = "/opt/wherry";

  private final String fileName;

  ServiceUnit(String fileName) {
    this.fileName = fileName;
  }

  String fileName() {
    return fileName;
  }

  /** Where administrators' units lie, below the root of a machine. */
  Path file(Path root) {
    return root.resolve("etc/systemd/system").resolve(fileName);
  }

  /**
   * The unit for a Wherry that lies in this directory.
   *
   * @throws UserError when systemd could not read such a path
   */
  String render(Path home) throws IOException {
    String place = home.toString();
    if (!place.matches("/[A-Za-z0-9_./+-]*")) {
      throw new UserError(
          "systemd takes no command in \"" + place + "\": move Wherry to a plain path, " + PLACE);
    }
    return Files.readString(home.resolve("systemd").resolve(fileName)).replace(PLACE, place);
  }
}
