package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Podman keeps what it knows of containers: in the run directory, which is memory, and not
 * beside the images. It writes and syncs that database some two dozen times in a pod's life and
 * with every exec, which is what wears out SD cards; and after a reboot nothing in it is of use,
 * since containers are made anew. Used by one thread at a time.
 *
 * <p>What the store of the images holds of containers, and Podman's volumes, outlive that memory:
 * they are removed when it is found empty.
 */
final class PodmanState {
  private static final Logger LOG = LoggerFactory.getLogger(PodmanState.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Pods start first: their containers and the removals wait for the same lock of the store. */
  private static final Duration PODS_FIRST = Duration.ofSeconds(15);

  private static final String DATABASE = "libpod";

  private final Path root;
  private final Path memory;

  /**
   * @param root of the store on disk
   * @param memory directory for the database
   */
  PodmanState(Path root, Path memory) {
    this.root = root;
    this.memory = memory;
  }

  /**
   * Has the database in memory. No service runs meanwhile.
   *
   * @return what a database that is gone knew of
   */
  Leftovers open() throws IOException {
    Files.createDirectories(root);
    Files.createDirectories(memory);
    boolean isEmpty = isEmpty(memory);
    Path link = root.resolve(DATABASE);
    if (Files.isDirectory(link) && !Files.isSymbolicLink(link)) {
      moveTo(memory, link); // of a version that had it on disk
      isEmpty = false;
    }
    if (!Files.isSymbolicLink(link) || !Files.readSymbolicLink(link).equals(memory)) {
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, memory);
    }
    boolean hadContainers = Files.exists(root.resolve("overlay-containers"));
    return new Leftovers(isEmpty && hadContainers, isEmpty ? volumes() : List.of());
  }

  private static void moveTo(Path target, Path directory) throws IOException {
    for (Path each : entries(directory)) {
      Files.copy(each, target.resolve(each.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      Files.delete(each);
    }
    Files.delete(directory);
  }

  private static boolean isEmpty(Path directory) throws IOException {
    return entries(directory).isEmpty();
  }

  private List<Path> volumes() throws IOException {
    Path volumes = root.resolve("volumes");
    return Files.isDirectory(volumes) ? entries(volumes) : List.of();
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  /**
   * What nobody knows any more.
   *
   * @param containers whether the store may hold some
   * @param volumes directories of Podman's volumes
   */
  record Leftovers(boolean containers, List<Path> volumes) {

    /**
     * Removes them a while later, beside what the agent does by then: a container that wants the
     * name of one before it has gone removes that one itself.
     *
     * @param service of Podman, which answers and has not been asked for anything yet
     */
    void remove(UnixHttp service) throws IOException {
      if (!ids(service, "all=true").isEmpty()) {
        return; // of a Podman that keeps its database elsewhere
      }
      List<String> ids = containers ? ids(service, "all=true&external=true") : List.of();
      if (!ids.isEmpty() || !volumes.isEmpty()) {
        Thread.ofVirtual().name("podman-leftovers").start(() -> remove(service, ids));
      }
    }

    private static List<String> ids(UnixHttp service, String which) throws IOException {
      Answer answer = service.get(PodmanRuntime.LIBPOD + "/containers/json?" + which, PATIENCE);
      if (!answer.ok()) {
        throw new IOException("what is left of containers cannot be listed: " + answer.message());
      }
      return EngineApi.objects(answer).stream().map(each -> each.string("Id")).toList();
    }

    private void remove(UnixHttp service, List<String> ids) {
      int removed = 0;
      try {
        Thread.sleep(PODS_FIRST);
        for (String each : ids) {
          String path = PodmanRuntime.LIBPOD + "/containers/" + each + "?force=true";
          removed += service.delete(path, PATIENCE).ok() ? 1 : 0;
        }
        for (Path each : volumes) {
          PodmanPurge.deleteTree(each);
        }
        LOG.info(
            "removed what {} containers and {} volumes had left on disk", removed, volumes.size());
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        LOG.warn("what containers left on disk is removed after the next reboot: {}", e.toString());
      }
    }
  }
}
