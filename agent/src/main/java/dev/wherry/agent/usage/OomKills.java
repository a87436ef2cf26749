package dev.wherry.agent.usage;

import dev.wherry.agent.host.Command;
import java.io.IOException;

/**
 * What the kernel's log says of processes that it ended for lack of memory. A control group is gone
 * with its container, and its counters with it; the log stays for a while.
 */
public final class OomKills {
  /** The newest lines are enough: a container is looked for right after its end. */
  private static final Command READ =
      Command.of("sh", "-c", "dmesg | grep -F 'oom-kill:' | tail -n 256; :");

  private OomKills() {}

  /** Whether a process of the container was ended so. */
  public static boolean hit(String containerId) throws IOException, InterruptedException {
    return names(READ.run(), containerId);
  }

  /**
   * {@code oom-kill:constraint=...,task_memcg=/.../libpod-ID,task=...} names the process's group.
   */
  static boolean names(String log, String containerId) {
    return log.lines()
        .filter(line -> line.contains("oom-kill:"))
        .map(line -> line.replaceFirst(".*,task_memcg=([^,]*),.*", "$1"))
        .anyMatch(group -> group.contains(containerId));
  }
}
