package dev.wherry.agent.network;

import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What pods of a node have whoever connects them: namespaces that bind mounts keep alive, files
 * beside them, an address. What is on disk and in the kernel is the state. Thread-safe; what
 * belongs to one pod is done inside {@link #alone}.
 */
public final class PodSandboxes {
  private final SandboxFiles files;
  private final PodNamespaces namespaces;
  private final Namespaces tools;
  private final Map<PodUid, Ip> addresses = new ConcurrentHashMap<>();
  private final PodLocks locks = new PodLocks();
  private volatile Consumer<PodUid> moved = _ -> {};

  /** What is done for one pod. */
  public interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private PodSandboxes(SandboxFiles files, PodNamespaces namespaces, Namespaces tools) {
    this.files = files;
    this.namespaces = namespaces;
    this.tools = tools;
  }

  /**
   * Takes over what is in the directory, which is made where it is missing.
   *
   * @param directory this cluster's alone; holds mounts until {@link #delete}
   * @param tools what makes namespaces on this machine
   */
  public static PodSandboxes open(Path directory, PodNamespaces namespaces, Namespaces tools)
      throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory).toRealPath();
    Mounts.makePrivate(root);
    PodSandboxes sandboxes = new PodSandboxes(new SandboxFiles(root), namespaces, tools);
    for (PodUid pod : sandboxes.pods()) {
      sandboxes.files.address(pod).ifPresent(address -> sandboxes.addresses.put(pod, address));
    }
    return sandboxes;
  }

  public SandboxFiles files() {
    return files;
  }

  /** One pod's work waits for the one before, different pods' do not. */
  public <T> T alone(PodUid pod, Work<T> work) throws IOException, InterruptedException {
    ReentrantLock lock = locks.of(pod);
    lock.lockInterruptibly();
    try {
      return work.run();
    } finally {
      lock.unlock();
    }
  }

  /** Has this told of each pod that has got its address, or has lost it. */
  public void whenMoved(Consumer<PodUid> listener) {
    moved = listener;
  }

  /** Tells that a pod has got its address, or has lost it. */
  public void tellMoved(PodUid pod) {
    moved.accept(pod);
  }

  /**
   * Makes a pod's namespaces, of which nothing is left from before.
   *
   * @param inside carried out in the new network namespace
   */
  public void make(PodUid pod, String hostname, List<IpChange> inside)
      throws IOException, InterruptedException {
    files.prepare(pod);
    namespaces.make(pod, files, hostname, inside, tools);
  }

  /** Whether a pod's namespaces are all there and can be joined. */
  public boolean areHeld(PodUid pod) throws IOException {
    return files.isMounted(pod) && namespaces.areHeld(pod, files);
  }

  /** Lets go of a pod's namespaces, where they are; files and address stay. */
  public void release(PodUid pod) throws IOException, InterruptedException {
    files.unmount(pod);
    namespaces.release(pod);
  }

  public Sandbox sandbox(PodUid pod, Ip address) {
    return new Sandbox(files.network(pod), files.ipc(pod), files.uts(pod), address);
  }

  public Set<PodUid> pods() throws IOException {
    return files.pods();
  }

  public Map<PodUid, Ip> addresses() {
    return Map.copyOf(addresses);
  }

  public Optional<Ip> address(PodUid pod) {
    return Optional.ofNullable(addresses.get(pod));
  }

  public void address(PodUid pod, Ip address) {
    addresses.put(pod, address);
  }

  /** Removes a released pod's files. Its address, which is free now; empty: it had none. */
  public Optional<Ip> forget(PodUid pod) throws IOException {
    files.delete(pod);
    return Optional.ofNullable(addresses.remove(pod));
  }

  /** Removes the directory, once it has no pods any more. */
  public void delete() throws IOException, InterruptedException {
    Mounts.unmount(List.of(files.root()));
    Files.deleteIfExists(files.root());
  }
}
