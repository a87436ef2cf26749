package dev.wherry.agent.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Remembers in a file during which run of the machine the agent was there last.
 *
 * @param file made with the first boot; its directory is there
 */
public record LastBoot(Path file) {

  /**
   * Whether the machine was started anew since; this run is remembered from now on.
   *
   * @param bootId of this run
   */
  public boolean isOver(String bootId) throws IOException {
    boolean known = Files.exists(file);
    boolean same = known && Files.readString(file).strip().equals(bootId);
    if (!same) {
      Files.writeString(file, bootId);
    }
    return known && !same;
  }
}
