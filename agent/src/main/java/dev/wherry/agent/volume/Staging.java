package dev.wherry.agent.volume;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A mount that a container is not given straight from its volume: a part of it, one whose mounts
 * below are to be read-only too, or one for other users than the host's.
 *
 * @param volume its root
 * @param subPath within it; empty: all of it
 * @param target where the agent mounts it for the container
 * @param depth how far read-only reaches
 * @param users the user namespace whose users the files are to belong to; empty: the host's
 */
public record Staging(
    String name, Path volume, String subPath, Path target, Depth depth, Optional<Path> users) {
  /** What read-only means for mounts below. */
  public enum Depth {
    /** Nothing. */
    TOP,
    /** They are read-only as well (v1.VolumeMount, recursiveReadOnly). */
    RECURSIVE
  }
}
