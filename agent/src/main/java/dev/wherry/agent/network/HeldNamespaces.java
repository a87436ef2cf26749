package dev.wherry.agent.network;

import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.Namespaces;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Namespaces of a process that holds them, for engines that let containers join another container's
 * and take none by path. They are mounted all the same, so that the rest of the agent finds them
 * where it finds all.
 */
public final class HeldNamespaces implements PodNamespaces {
  private final Holder holder;

  /** Who runs the processes. Thread-safe. */
  public interface Holder {
    /** The process that holds the pod's namespaces, made where there is none. */
    long hold(PodUid pod, String hostname) throws IOException;

    /** The process that holds them; empty: none does. */
    OptionalLong holder(PodUid pod) throws IOException;

    /** Ends it; one that is gone is no error. */
    void release(PodUid pod) throws IOException;
  }

  public HeldNamespaces(Holder holder) {
    this.holder = holder;
  }

  @Override
  public void make(
      PodUid pod, SandboxFiles files, String hostname, List<IpChange> inside, Namespaces tools)
      throws IOException, InterruptedException {
    tools.mount(holder.hold(pod, hostname), files.namespaces(pod), inside);
  }

  @Override
  public boolean areHeld(PodUid pod, SandboxFiles files) throws IOException {
    OptionalLong process = holder.holder(pod);
    return process.isPresent()
        && isOf(process.getAsLong(), "net", files.network(pod))
        && isOf(process.getAsLong(), "ipc", files.ipc(pod))
        && isOf(process.getAsLong(), "uts", files.uts(pod));
  }

  /** What is mounted may be of a process that was killed before the one that holds now. */
  private static boolean isOf(long process, String kind, Path mounted) throws IOException {
    try {
      return Files.isSameFile(Path.of("/proc/" + process + "/ns/" + kind), mounted);
    } catch (NoSuchFileException _) {
      return false; // the process has just ended
    }
  }

  @Override
  public void release(PodUid pod) throws IOException {
    holder.release(pod);
  }
}
