package dev.wherry.agent.network;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.List;

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
   * @param inside carried out in the new network namespace
   * @param tools what makes namespaces on this machine
   */
  void make(
      PodUid pod, SandboxFiles files, String hostname, List<IpChange> inside, Namespaces tools)
      throws IOException, InterruptedException;

  /** Whether new containers can still join what is mounted. */
  boolean areHeld(PodUid pod, SandboxFiles files) throws IOException;

  /** Lets go of what keeps them beside the mounts; a pod that has nothing is no error. */
  void release(PodUid pod) throws IOException;
}
