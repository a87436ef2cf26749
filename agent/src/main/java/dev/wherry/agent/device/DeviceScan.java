package dev.wherry.agent.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds which devices of a class are plugged in now. Reads directories only: nothing is opened that
 * could wake a device.
 */
public final class DeviceScan {
  private static final int MAX_DEPTH = 8;

  /** Of one class at most; what is more is not seen. */
  private static final int MAX_DEVICES = 256;

  private final Path root;

  /**
   * @param root of the file system, {@code /}
   */
  public DeviceScan(Path root) {
    this.root = root;
  }

  /**
   * One that can be given away.
   *
   * @param id the same as long as it is plugged in
   * @param nodes that a container gets with it, by their paths on the host
   */
  public record Found(String id, List<String> nodes) {}

  /** In the order of their ids. */
  public List<Found> scan(DeviceClass wanted) throws IOException {
    TreeMap<String, Found> found = new TreeMap<>();
    for (String each : wanted.paths()) {
      for (String node : matching(each)) {
        found.put(node, new Found(node, List.of(node)));
      }
    }
    for (String each : wanted.usb()) {
      usb(each).forEach(device -> found.put(device.id(), device));
    }
    return found.values().stream().limit(MAX_DEVICES).toList();
  }

  private List<String> matching(String pattern) throws IOException {
    List<Path> reached = List.of(root);
    for (String step : pattern.substring(1).split("/")) {
      List<Path> next = new ArrayList<>();
      for (Path each : reached) {
        if (step.matches(".*[*?\\[].*")) {
          next.addAll(entries(each, step));
        } else if (Files.exists(each.resolve(step))) {
          next.add(each.resolve(step));
        }
      }
      reached = next;
    }
    return reached.stream()
        .filter(DeviceScan::isDevice)
        .map(each -> "/" + root.relativize(each))
        .toList();
  }

  /** Neither a file, a directory nor a socket: a character or block device, links followed. */
  private static boolean isDevice(Path path) {
    try {
      int type = (int) Files.getAttribute(path, "unix:mode") & 0170000;
      return type == 0020000 || type == 0060000;
    } catch (IOException _) {
      // Unplugged since its directory was read.
      return false;
    }
  }

  private static List<Path> entries(Path directory, String glob) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, glob)) {
      all.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      // Not there now.
    }
    return found;
  }

  private List<Found> usb(String vendorProduct) throws IOException {
    List<Found> found = new ArrayList<>();
    for (Path each : entries(root.resolve("sys/bus/usb/devices"), "*")) {
      String ids = text(each.resolve("idVendor")) + ":" + text(each.resolve("idProduct"));
      if (ids.equals(vendorProduct)) {
        List<String> nodes = new ArrayList<>();
        nodes(each.toRealPath(), MAX_DEPTH, nodes);
        found.add(new Found("usb-" + each.getFileName(), nodes.stream().sorted().toList()));
      }
    }
    return found;
  }

  /** The nodes of the device and its interfaces: the bus's own, ttyUSB0, video0, hidraw1. */
  private void nodes(Path directory, int depth, List<String> nodes) throws IOException {
    nodeOf(directory).ifPresent(nodes::add);
    if (depth == 0) {
      return;
    }
    for (Path each : entries(directory, "*")) {
      // Links lead to other devices and back up.
      if (Files.isDirectory(each) && !Files.isSymbolicLink(each)) {
        boolean another = Files.exists(each.resolve("idVendor"));
        if (!another) {
          nodes(each, depth - 1, nodes);
        }
      }
    }
  }

  private static Optional<String> nodeOf(Path directory) {
    return text(directory.resolve("uevent"))
        .lines()
        .filter(line -> line.startsWith("DEVNAME="))
        .map(line -> line.substring("DEVNAME=".length()))
        .map(name -> name.startsWith("/") ? name : "/dev/" + name)
        .findFirst();
  }

  private static String text(Path file) {
    try {
      return Files.isRegularFile(file)
          ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip()
          : "";
    } catch (IOException _) {
      // Unplugged since its directory was read.
      return "";
    }
  }
}
