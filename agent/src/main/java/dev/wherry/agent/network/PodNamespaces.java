package dev.wherry.agent.network;

import dev.wherry.api.object.PodUid;
import java.io.IOException;

/**
 * Makes the network, IPC and UTS namespaces that a pod's containers share and mounts them on the
 * files of its sandbox. Thread-safe; one pod's calls come one after another.
 */
public interface PodNamespaces {

  /**
   * Makes the namespaces and furnishes the network namespace.
   *
   * @param files prepared for the pod, with nothing mounted
   * @param hostname of the pod
   * @param inside what {@code ip -batch} runs in the new network namespace; there {@link
   *     #NODE_NAMESPACE} is the node's
   */
  void make(PodUid pod, SandboxFiles files, String hostname, String inside)
      throws IOException, InterruptedException;

  /** Whether new containers can still join what is mounted. */
  boolean areHeld(PodUid pod) throws IOException;

  /** Lets go of what keeps them beside the mounts; a pod that has nothing is no error. */
  void release(PodUid pod) throws IOException;

  /** The path of the node's network namespace in what runs inside a pod's. */
  String NODE_NAMESPACE = "/proc/self/fd/9";
}
