package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.api.object.PodUid;
import java.io.IOException;

/** Namespaces that their mounts alone keep: no process, for engines that take them by path. */
public final class MountedNamespaces implements PodNamespaces {
  /** Makes the three, names the host and furnishes the network namespace, all in one process. */
  private static final String BUILD =
      """
      exec 9</proc/self/ns/net
      exec unshare --net="$1" --ipc="$2" --uts="$3" sh -c '
        echo "$1" > /proc/sys/kernel/hostname && exec ip -batch -' sh "$4"
      """;

  @Override
  public void make(PodUid pod, SandboxFiles files, String hostname, String inside)
      throws IOException, InterruptedException {
    Command.of(
            "sh",
            "-c",
            BUILD,
            "sh",
            files.network(pod).toString(),
            files.ipc(pod).toString(),
            files.uts(pod).toString(),
            hostname)
        .run(inside);
  }

  @Override
  public boolean areHeld(PodUid pod) {
    return true;
  }

  @Override
  public void release(PodUid pod) {
    // Nothing is left where nothing is mounted.
  }
}
