package dev.wherry.agent.network;

import dev.wherry.agent.host.Command;
import dev.wherry.api.object.PodUid;
import java.io.IOException;

/**
 * Namespaces of a process that holds them, for engines that let containers join another container's
 * and take none by path. They are mounted all the same, so that the rest of the agent finds them
 * where it finds all.
 */
public final class HeldNamespaces implements PodNamespaces {
  private static final String BUILD =
      """
      set -e
      exec 9</proc/self/ns/net
      mount --bind "/proc/$4/ns/ipc" "$2"
      mount --bind "/proc/$4/ns/uts" "$3"
      mount --bind "/proc/$4/ns/net" "$1"
      exec nsenter --net="$1" -- ip -batch -
      """;

  private final Holder holder;

  /** Who runs the processes. Thread-safe. */
  public interface Holder {
    /** The process that holds the pod's namespaces, made where there is none. */
    long hold(PodUid pod, String hostname) throws IOException;

    boolean holds(PodUid pod) throws IOException;

    /** Ends it; one that is gone is no error. */
    void release(PodUid pod) throws IOException;
  }

  public HeldNamespaces(Holder holder) {
    this.holder = holder;
  }

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
            Long.toString(holder.hold(pod, hostname)))
        .run(inside);
  }

  @Override
  public boolean areHeld(PodUid pod) throws IOException {
    return holder.holds(pod);
  }

  @Override
  public void release(PodUid pod) throws IOException {
    holder.release(pod);
  }
}
