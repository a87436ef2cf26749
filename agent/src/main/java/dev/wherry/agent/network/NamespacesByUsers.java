package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
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
  public void make(PodUid pod, SandboxFiles files, String hostname, String inside)
      throws IOException, InterruptedException {
    of(pod).make(pod, files, hostname, inside);
    if (hasOwnUsers.test(pod)) {
      Command.of(
              "nsenter",
              "--uts=" + files.uts(pod),
              "sh",
              "-c",
              "echo \"$0\" > /proc/sys/kernel/hostname",
              hostname)
          .run();
    }
  }

  @Override
  public boolean areHeld(PodUid pod) throws IOException {
    return of(pod).areHeld(pod);
  }

  @Override
  public void release(PodUid pod) throws IOException {
    of(pod).release(pod);
  }
}
