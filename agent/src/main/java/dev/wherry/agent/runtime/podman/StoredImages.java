package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Podman's answers on images, which hold as long as the index of its store is the same file:
 * whoever adds, names or removes an image puts another file in its place. To look at the file costs
 * nothing beside asking Podman, which reads the image's manifest and configuration each time, and
 * that for each container that starts. Thread-safe.
 */
final class StoredImages {
  /** Past it the answer that was given longest ago is forgotten. */
  static final int MAX_KNOWN = 256;

  private final Optional<Path> index;
  private final Map<String, Known> known = new LinkedHashMap<>();

  private record Known(Stamp stamp, Image image) {}

  private record Stamp(String file, FileTime modified, long size) {}

  /** Who knows. */
  interface Source {
    Optional<Image> find(String name) throws EngineException;
  }

  private StoredImages(Optional<Path> index) {
    this.index = index;
  }

  /**
   * @param index the store's list of images; while it cannot be seen every question is asked
   */
  static StoredImages listedIn(Path index) {
    return new StoredImages(Optional.of(index));
  }

  /** Of a store that lies who knows where: every question is asked. */
  static StoredImages elsewhere() {
    return new StoredImages(Optional.empty());
  }

  /** The image of this name where it is present. */
  Optional<Image> find(String name, Source source) throws EngineException {
    Optional<Stamp> now = stamp();
    Optional<Image> before = now.flatMap(stamp -> answer(name, stamp));
    if (before.isPresent()) {
      return before;
    }
    Optional<Image> found = source.find(name);
    if (found.isPresent() && now.isPresent()) {
      keep(name, new Known(now.get(), found.get()));
    }
    return found;
  }

  private synchronized Optional<Image> answer(String name, Stamp now) {
    Known last = known.get(name);
    return last != null && last.stamp.equals(now) ? Optional.of(last.image) : Optional.empty();
  }

  private synchronized void keep(String name, Known answer) {
    known.remove(name);
    known.put(name, answer);
    if (known.size() > MAX_KNOWN) {
      known.remove(known.keySet().iterator().next());
    }
  }

  /** Has everything asked anew, since an image that was found is not there. */
  synchronized void forget() {
    known.clear();
  }

  private Optional<Stamp> stamp() {
    if (index.isEmpty()) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes file = Files.readAttributes(index.get(), BasicFileAttributes.class);
      return Optional.of(
          new Stamp(String.valueOf(file.fileKey()), file.lastModifiedTime(), file.size()));
    } catch (IOException _) {
      // No image was ever stored, or by a driver that keeps its list elsewhere.
      return Optional.empty();
    }
  }
}
