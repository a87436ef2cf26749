package dev.wherry.agent.network;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.List;

/** Namespaces that their mounts alone keep: no process, for engines that take them by path. */
public final class MountedNamespaces implements PodNamespaces {
  @Override
  public void make(
      PodUid pod, SandboxFiles files, String hostname, List<IpChange> inside, Namespaces tools)
      throws IOException, InterruptedException {
    tools.make(files.namespaces(pod), hostname, inside);
  }

  @Override
  public boolean areHeld(PodUid pod, SandboxFiles files) {
    return true;
  }

  @Override
  public void release(PodUid pod) {
    // Nothing is left where nothing is mounted.
  }
}
