package dev.wherry.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Control groups by their files, of version 1 (a hierarchy for each controller) or 2 (one for all).
 * Where the kernel lacks a controller, its bounds are not held.
 */
public final class FileGroups implements GroupDriver {
  private static final Logger LOG = LoggerFactory.getLogger(FileGroups.class);
  private static final String CONTROL = "cgroup.subtree_control";
  private static final String PROCESSES = "cgroup.procs";

  /** A group without bounds, beside those of pods. */
  private static final String LEAVERS = "leavers";

  private static final int REMOVE_TRIES = 200;
  private static final long REMOVE_WAIT_MILLIS = 10;

  private final Path mount;
  private final String root;
  private final Version version;

  /** Which form the kernel's control groups have. */
  public enum Version {
    ONE,
    TWO
  }

  /**
   * @param mount where they are mounted, {@code /sys/fs/cgroup}
   * @param root steps with slashes, this agent's alone
   */
  public FileGroups(Path mount, String root, Version version) {
    this.mount = mount;
    this.root = root;
    this.version = version;
  }

  @Override
  public String engineName(List<String> group) {
    return "/" + root + (group.isEmpty() ? "" : "/" + String.join("/", group));
  }

  @Override
  public void apply(List<String> group, GroupLimits limits) throws IOException {
    String path = engineName(group).substring(1);
    if (version == Version.TWO) {
      makeUnified(path);
      write(mount.resolve(path), GroupFile.unified(limits));
      return;
    }
    for (String controller : GroupFile.CONTROLLERS) {
      Path hierarchy = mount.resolve(controller);
      if (Files.isDirectory(hierarchy)) {
        Path directory = Files.createDirectories(hierarchy.resolve(path));
        write(
            directory,
            GroupFile.split(limits).stream()
                .filter(file -> file.controller().equals(controller))
                .toList());
      }
    }
  }

  /** Makes the directories, each handing its controllers on to those below it. */
  private void makeUnified(String path) throws IOException {
    Path directory = mount;
    for (String step : path.split("/")) {
      hand(directory);
      directory = directory.resolve(step);
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
      }
    }
    // Containers' groups lie below the pod's.
    hand(directory);
  }

  private static void hand(Path directory) throws IOException {
    Set<String> offered = words(directory.resolve("cgroup.controllers"));
    offered.retainAll(Set.of("cpu", "cpuset", "io", "memory", "pids", "hugetlb"));
    offered.removeAll(words(directory.resolve(CONTROL)));
    for (String controller : offered) {
      set(directory.resolve(CONTROL), "+" + controller);
    }
  }

  private static Set<String> words(Path file) throws IOException {
    return Files.exists(file)
        ? new LinkedHashSet<>(List.of(Files.readString(file).strip().split("\\s+")))
        : new LinkedHashSet<>();
  }

  private static void write(Path directory, List<GroupFile> files) throws IOException {
    for (GroupFile each : files) {
      Path file = directory.resolve(each.name());
      if (Files.exists(file)) {
        set(file, each.line());
      }
    }
  }

  private static void set(Path file, String line) throws IOException {
    try {
      Files.write(file, line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw new IOException("cannot write \"" + line + "\" to " + file + ": " + e.getReason(), e);
    }
  }

  @Override
  public void remove(List<String> group) throws IOException, InterruptedException {
    if (version == Version.TWO) {
      remove(mount, group);
      return;
    }
    // An engine makes the group in all hierarchies, not only in those that we bound.
    for (Path hierarchy : directories(mount)) {
      remove(hierarchy, group);
    }
  }

  private void remove(Path hierarchy, List<String> group) throws IOException, InterruptedException {
    Path directory = hierarchy.resolve(engineName(group).substring(1));
    Path ours = hierarchy.resolve(root);
    if (group.isEmpty()) {
      removeTree(directory, FileGroups::kill);
    } else {
      removeTree(directory, from -> moveProcesses(from, ours));
    }
  }

  /** What is done with processes that are in a group which is to go. */
  private interface Clearing {
    void clear(Path directory) throws IOException;
  }

  private static void removeTree(Path directory, Clearing clearing)
      throws IOException, InterruptedException {
    for (Path each : directories(directory)) {
      removeTree(each, clearing);
    }
    for (int tries = 1; ; tries++) {
      try {
        Files.deleteIfExists(directory);
        return;
      } catch (FileSystemException e) {
        if (tries == REMOVE_TRIES) {
          throw new IOException("cannot remove cgroup " + directory + ": " + e.getReason(), e);
        }
        clearing.clear(directory);
        if (tries > 1) {
          Thread.sleep(REMOVE_WAIT_MILLIS);
        }
      }
    }
  }

  /** The engine's own processes that watched a container or a command live on for minutes. */
  private static void moveProcesses(Path from, Path ours) throws IOException {
    Path to = Files.createDirectories(ours.resolve(LEAVERS));
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      // Version 1 takes no process into a group that has none.
      if (Files.exists(to.resolve(file))) {
        set(to.resolve(file), Files.readString(ours.resolve(file)).strip());
      }
    }
    for (String pid : processes(from)) {
      try {
        set(to.resolve(PROCESSES), pid);
      } catch (IOException e) {
        LOG.debug("process {} has ended meanwhile: {}", pid, e.getMessage());
      }
    }
  }

  /** Whatever is left in a tree that is this agent's alone is what its engine left behind. */
  private static void kill(Path directory) throws IOException {
    for (String pid : processes(directory)) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private static List<String> processes(Path directory) throws IOException {
    Path file = directory.resolve(PROCESSES);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Override
  public List<String> children(List<String> group) throws IOException {
    Path directory =
        (version == Version.TWO ? mount : mount.resolve(GroupFile.CPU))
            .resolve(engineName(group).substring(1));
    return directories(directory).stream().map(each -> each.getFileName().toString()).toList();
  }

  private static List<Path> directories(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path each : all) {
        if (Files.isDirectory(each) && !Files.isSymbolicLink(each)) {
          found.add(each);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException _) {
      // Nothing is below what is not there.
    }
    return found;
  }
}
