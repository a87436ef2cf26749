package dev.wherry.agent.logs;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of this node's logs as log shippers know them (kubelet: container log directory):
 * {@code pods/NAMESPACE_NAME_UID/CONTAINER/N.log}, and for each container a link {@code
 * containers/NAME_NAMESPACE_CONTAINER-ID.log} to it.
 *
 * <p>Several agents may share them: each pod's directory has a link {@value #OWNER} to the data
 * directory of the agent whose it is, and an agent touches no other. Thread-safe.
 */
public final class LogStore {
  static final String OWNER = ".owner";
  private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

  /** A log that is being written; rotation adds to its name. */
  private static final Pattern NUMBERED = Pattern.compile("(\\d{1,8})\\.log");

  private final Path pods;
  private final Path links;
  private final Path owner;

  /**
   * @param root such as {@code /var/log}
   * @param owner the agent's data directory
   */
  public LogStore(Path root, Path owner) {
    this.pods = root.toAbsolutePath().resolve("pods");
    this.links = root.toAbsolutePath().resolve("containers");
    this.owner = owner.toAbsolutePath().normalize();
  }

  public Path ofPod(ObjectKey pod, PodUid uid) {
    return pods.resolve(pod.namespace() + "_" + pod.name() + "_" + uid.text());
  }

  /**
   * How many runs there were as far as a pod's logs show, by container: one more than the highest
   * number that a log has.
   */
  public Map<String, Integer> runs(ObjectKey pod, PodUid uid) throws IOException {
    Map<String, Integer> runs = new HashMap<>();
    Path directory = ofPod(pod, uid);
    try (Stream<Path> logs = Files.walk(directory, 2)) {
      for (Path each : (Iterable<Path>) logs::iterator) {
        Matcher number = NUMBERED.matcher(each.getFileName().toString());
        if (number.matches()) {
          runs.merge(
              directory.relativize(each).getName(0).toString(),
              Integer.parseInt(number.group(1)) + 1,
              Math::max);
        }
      }
    } catch (NoSuchFileException _) {
      return Map.of(); // it has never run
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return runs;
  }

  /** Makes the directory for a container's log. */
  public void prepare(ContainerSpec spec) throws IOException {
    Path directory = spec.logPath().toAbsolutePath().resolveSibling(".").normalize();
    Files.createDirectories(directory);
    Path mark = directory.resolveSibling(OWNER);
    if (directory.startsWith(pods) && !Files.isSymbolicLink(mark)) {
      link(mark, owner);
    }
  }

  /** Makes the link to a container's log, by the id that the engine gave it. */
  public void linkTo(ContainerSpec spec, String id) throws IOException {
    Files.createDirectories(links);
    ContainerSpec.Identity identity = spec.identity();
    String name =
        "%s_%s_%s-%s.log"
            .formatted(identity.pod().name(), identity.pod().namespace(), identity.container(), id);
    link(links.resolve(name), spec.logPath());
  }

  private static void link(Path link, Path target) throws IOException {
    try {
      Files.createSymbolicLink(link, target);
    } catch (FileAlreadyExistsException _) {
      // Made by an agent that ended before it could say so.
    }
  }

  /** Removes the log of a container that was removed. */
  public void remove(ContainerObservation container) throws IOException {
    if (container.logPath().isEmpty()) {
      return;
    }
    Path log = Path.of(container.logPath());
    for (Path each : new LogGenerations(log).rotated()) {
      Files.deleteIfExists(each);
    }
    Files.deleteIfExists(log);
    ObjectKey pod = container.pod();
    String name =
        "%s_%s_%s-%s.log".formatted(pod.name(), pod.namespace(), container.name(), container.id());
    Files.deleteIfExists(links.resolve(name));
  }

  /** Removes a pod's logs. */
  public void remove(ObjectKey pod, PodUid uid) throws IOException {
    remove(ofPod(pod, uid));
  }

  private void remove(Path directory) throws IOException {
    unlink(directory);
    deleteTree(directory);
  }

  /** Removes the logs of all pods but those wanted, of those that are this agent's. */
  public void retain(Predicate<PodUid> wanted) {
    for (Path each : ours()) {
      String name = each.getFileName().toString();
      String uid = name.substring(name.lastIndexOf('_') + 1);
      if (!wanted.test(new PodUid(uid))) {
        try {
          remove(each);
        } catch (IOException e) {
          LOG.warn("cannot remove the logs {}: {}", each, e.toString());
        }
      }
    }
  }

  /** Removes all that is this agent's; a directory that is empty by then goes too. */
  public void purge() throws IOException {
    for (Path each : ours()) {
      remove(each);
    }
    for (Path each : List.of(pods, links)) {
      try {
        Files.deleteIfExists(each);
      } catch (DirectoryNotEmptyException _) {
        LOG.debug("{} holds others' logs", each);
      }
    }
  }

  /** The directories of pods of this agent. */
  private List<Path> ours() {
    try (Stream<Path> directories = Files.list(pods)) {
      return directories.filter(this::isOurs).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      LOG.warn("cannot look for logs: {}", e.toString());
      return List.of();
    }
  }

  private boolean isOurs(Path directory) {
    try {
      return Files.readSymbolicLink(directory.resolve(OWNER)).equals(owner);
    } catch (IOException _) {
      return false;
    }
  }

  /** The files with logs in the directories of this agent's pods. */
  List<Path> logs() {
    List<Path> logs = new ArrayList<>();
    for (Path pod : ours()) {
      try (Stream<Path> files = Files.walk(pod, 2)) {
        files.filter(each -> each.getFileName().toString().endsWith(".log")).forEach(logs::add);
      } catch (IOException | UncheckedIOException e) {
        LOG.debug("a pod's logs go: {}", e.toString());
      }
    }
    return logs;
  }

  private void unlink(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(links)) {
      for (Path each : all.toList()) {
        if (Files.isSymbolicLink(each) && Files.readSymbolicLink(each).startsWith(directory)) {
          Files.deleteIfExists(each);
        }
      }
    } catch (NoSuchFileException _) {
      // There never was a link, or it goes at the same moment.
    }
  }

  private static void deleteTree(Path root) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(root)) {
      all = walk.toList();
    } catch (NoSuchFileException _) {
      return;
    }
    for (Path each : all.reversed()) {
      Files.deleteIfExists(each);
    }
  }
}
