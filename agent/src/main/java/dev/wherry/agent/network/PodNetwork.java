package dev.wherry.agent.network;

import dev.wherry.api.address.Ip;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives pods their network namespaces, interfaces and addresses. All methods are idempotent: asked
 * again for a pod that is there already, they answer with what it has. Thread-safe.
 */
public interface PodNetwork {

  /**
   * The namespaces that a pod's containers share, as bind mounts that an engine can be given
   * ({@code ns:PATH}).
   */
  record Sandbox(Path network, Path ipc, Path uts, Ip address) {}

  /** Makes the pod's namespaces, its veth pair, address and routes. */
  Sandbox create(PodUid pod, String hostname) throws IOException, InterruptedException;

  /**
   * The sandbox of a pod where it is whole (namespaces mounted, interface up, address as recorded).
   */
  Optional<Sandbox> find(PodUid pod) throws IOException, InterruptedException;

  /** Removes namespaces and interface and frees the address. */
  void remove(PodUid pod) throws IOException, InterruptedException;

  /** Every pod that has something here, whole or not. */
  Set<PodUid> pods() throws IOException;

  /** Addresses in use. */
  Map<PodUid, Ip> addresses();
}
