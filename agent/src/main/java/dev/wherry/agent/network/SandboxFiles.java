package dev.wherry.agent.network;

import dev.wherry.agent.host.Mounts;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One directory a pod, with the files that its namespaces are mounted on and its address:
 *
 * <pre>
 * ROOT/UID/net  ROOT/UID/ipc  ROOT/UID/uts   bind mounts, gone after a reboot
 * ROOT/UID/address                           text, stays
 * ROOT/ranges                                the node's pods', the cluster's, the services', as last said
 * </pre>
 *
 * Different pods may be used by different threads.
 */
final class SandboxFiles {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,62}");

  private final Path root;

  /** {@code root} exists and is a real path. */
  SandboxFiles(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  Path network(PodUid pod) {
    return directory(pod).resolve("net");
  }

  Path ipc(PodUid pod) {
    return directory(pod).resolve("ipc");
  }

  Path uts(PodUid pod) {
    return directory(pod).resolve("uts");
  }

  /** Makes the directory and the files to mount on, and records the address. */
  void prepare(PodUid pod, Inet4Address address) throws IOException {
    Files.createDirectories(directory(pod));
    for (Path file : namespaces(pod)) {
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
    }
    Files.writeString(directory(pod).resolve("address"), address.getHostAddress() + "\n");
  }

  /** Whether all three namespaces are mounted. */
  boolean isMounted(PodUid pod) throws IOException {
    return mounted(pod).size() == namespaces(pod).size();
  }

  void unmount(PodUid pod) throws IOException, InterruptedException {
    Mounts.unmount(mounted(pod));
  }

  /** Removes an unmounted pod's directory. */
  void delete(PodUid pod) throws IOException {
    for (Path file : namespaces(pod)) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(directory(pod).resolve("address"));
    Files.deleteIfExists(directory(pod));
  }

  /** The recorded address; empty where there is none or it cannot be read as one. */
  Optional<Inet4Address> address(PodUid pod) throws IOException {
    try {
      String text = Files.readString(directory(pod).resolve("address")).strip();
      return Optional.of(Ipv4Cidr.address(Ipv4Cidr.addressBits(text)));
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty(); // torn by a power cut, or never written
    }
  }

  Set<PodUid> pods() throws IOException {
    Set<PodUid> pods = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (UID.matcher(name).matches()) {
          pods.add(new PodUid(name));
        }
      }
    }
    return pods;
  }

  /** The ranges as {@link #rememberRanges} wrote them. */
  Optional<List<Ipv4Cidr>> ranges() throws IOException {
    try {
      List<Ipv4Cidr> ranges =
          Files.readAllLines(root.resolve("ranges")).stream().map(Ipv4Cidr::parse).toList();
      return ranges.size() == 3 ? Optional.of(ranges) : Optional.empty();
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The node's pods', the cluster's pods' and the services'. */
  void rememberRanges(List<Ipv4Cidr> ranges) throws IOException {
    Files.write(root.resolve("ranges"), ranges.stream().map(Ipv4Cidr::toString).toList());
  }

  void forgetRanges() throws IOException {
    Files.deleteIfExists(root.resolve("ranges"));
  }

  private List<Path> namespaces(PodUid pod) {
    return List.of(network(pod), ipc(pod), uts(pod));
  }

  private List<Path> mounted(PodUid pod) throws IOException {
    List<Path> mounted = new ArrayList<>();
    for (Path file : namespaces(pod)) {
      if (Mounts.isNamespace(file)) {
        mounted.add(file);
      }
    }
    return mounted;
  }

  private Path directory(PodUid pod) {
    if (!UID.matcher(pod.text()).matches()) {
      throw new IllegalArgumentException("not a pod's uid: \"" + pod.text() + "\"");
    }
    return root.resolve(pod.text());
  }
}
