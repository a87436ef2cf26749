package dev.wherry.agent.network;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Namespaces that mounts alone keep, but for pods with users of their own: whose namespaces must
 * belong to those users, and so they are a container's.
 */
public final class NamespacesByUsers implements PodNamespaces {
  private final PodNamespaces mounted = new MountedNamespaces();
  private final PodNamespaces held;
  private final Predicate<PodUid> hasOwnUsers;

  public NamespacesByUsers(Predicate<PodUid> hasOwnUsers, HeldNamespaces.Holder holder) {
    this.hasOwnUsers = hasOwnUsers;
    this.held = new HeldNamespaces(holder);
  }

  private PodNamespaces of(PodUid pod) {
    return hasOwnUsers.test(pod) ? held : mounted;
  }

  @Override
  public void make(
      PodUid pod, SandboxFiles files, String hostname, List<IpChange> inside, Namespaces tools)
      throws IOException, InterruptedException {
    of(pod).make(pod, files, hostname, inside, tools);
    if (hasOwnUsers.test(pod)) {
      tools.nameHost(files.uts(pod), hostname);
    }
  }

  @Override
  public boolean areHeld(PodUid pod, SandboxFiles files) throws IOException {
    return of(pod).areHeld(pod, files);
  }

  @Override
  public void release(PodUid pod) throws IOException {
    of(pod).release(pod);
  }
}
