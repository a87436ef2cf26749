package dev.wherry.agent.network;

import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
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
 * ROOT/forwarding                            where the kernel did not forward before
 * ROOT/UID/cni.json                          what plugins were told, where they are used
 * ROOT/ranges                                the node's pods', the cluster's, the services', as last said
 * </pre>
 *
 * Different pods may be used by different threads.
 */
public final class SandboxFiles {
  /** The name of each pod's interface inside. */
  public static final String POD_INTERFACE = "eth0";

  private static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,62}");

  private final Path root;

  /** {@code root} exists and is a real path. */
  public SandboxFiles(Path root) {
    this.root = root;
  }

  public Path root() {
    return root;
  }

  public Path network(PodUid pod) {
    return directory(pod).resolve("net");
  }

  public Path ipc(PodUid pod) {
    return directory(pod).resolve("ipc");
  }

  public Path uts(PodUid pod) {
    return directory(pod).resolve("uts");
  }

  /** What the pod's namespaces are mounted on. */
  Namespaces.Files namespaces(PodUid pod) {
    return new Namespaces.Files(network(pod), ipc(pod), uts(pod));
  }

  /** Makes the directory and the files to mount on. */
  public void prepare(PodUid pod) throws IOException {
    Files.createDirectories(directory(pod));
    for (Path file : mountPoints(pod)) {
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
    }
  }

  public void rememberAddress(PodUid pod, Ip address) throws IOException {
    Files.writeString(directory(pod).resolve("address"), address.text() + "\n");
  }

  /** Keeps what belongs to the pod's network in a file of this name. */
  public void write(PodUid pod, String name, byte[] content) throws IOException {
    Files.write(directory(pod).resolve(name), content);
  }

  /** What {@link #write} kept. */
  public byte[] read(PodUid pod, String name) throws IOException {
    return Files.readAllBytes(directory(pod).resolve(name));
  }

  /** Removes such a file, where it is. */
  public void remove(PodUid pod, String name) throws IOException {
    Files.deleteIfExists(directory(pod).resolve(name));
  }

  /** Whether all three namespaces are mounted. */
  public boolean isMounted(PodUid pod) throws IOException {
    return mounted(pod).size() == mountPoints(pod).size();
  }

  public void unmount(PodUid pod) throws IOException, InterruptedException {
    Mounts.unmount(mounted(pod));
  }

  /** Removes an unmounted pod's directory. */
  public void delete(PodUid pod) throws IOException {
    for (Path file : mountPoints(pod)) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(directory(pod).resolve("address"));
    Files.deleteIfExists(directory(pod));
  }

  /** The recorded address; empty where there is none or it cannot be read as one. */
  public Optional<Ip> address(PodUid pod) throws IOException {
    try {
      String text = Files.readString(directory(pod).resolve("address")).strip();
      return Optional.of(Ip.parse(text));
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty(); // torn by a power cut, or never written
    }
  }

  public Set<PodUid> pods() throws IOException {
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
  Optional<List<IpRanges>> ranges() throws IOException {
    try {
      List<IpRanges> ranges =
          Files.readAllLines(root.resolve("ranges")).stream().map(IpRanges::parse).toList();
      return ranges.size() == 3 ? Optional.of(ranges) : Optional.empty();
    } catch (NoSuchFileException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The node's pods', the cluster's pods' and the services'. */
  void rememberRanges(List<IpRanges> ranges) throws IOException {
    Files.write(root.resolve("ranges"), ranges.stream().map(IpRanges::toString).toList());
  }

  /** That forwarding of this family was off before this agent put it on. */
  public void rememberForwardingWasOff(IpFamily family) throws IOException {
    Files.writeString(forwarding(family), "0\n");
  }

  /** Whether it was, and forgets it. */
  public boolean takeForwardingWasOff(IpFamily family) throws IOException {
    return Files.deleteIfExists(forwarding(family));
  }

  private Path forwarding(IpFamily family) {
    return root.resolve(family == IpFamily.IPV4 ? "forwarding" : "forwarding6");
  }

  void forgetRanges() throws IOException {
    Files.deleteIfExists(root.resolve("ranges"));
  }

  private List<Path> mountPoints(PodUid pod) {
    return List.of(network(pod), ipc(pod), uts(pod));
  }

  private List<Path> mounted(PodUid pod) throws IOException {
    List<Path> mounted = new ArrayList<>();
    for (Path file : mountPoints(pod)) {
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
