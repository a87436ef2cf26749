package dev.wherry.agent.ip;

import dev.wherry.agent.host.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes namespaces through {@code unshare} and {@code nsenter}. Immutable. */
final class ShellNamespaces implements Namespaces {
  /** Makes the three, names the host and furnishes the network namespace, all in one process. */
  private static final String MAKE =
      """
      exec 9</proc/self/ns/net
      exec unshare --net="$1" --ipc="$2" --uts="$3" sh -c '
        echo "$1" > /proc/sys/kernel/hostname && exec ip -batch -' sh "$4"
      """;

  private static final String MOUNT =
      """
      set -e
      exec 9</proc/self/ns/net
      mount --bind "/proc/$4/ns/ipc" "$2"
      mount --bind "/proc/$4/ns/uts" "$3"
      mount --bind "/proc/$4/ns/net" "$1"
      exec nsenter --net="$1" -- ip -batch -
      """;

  @Override
  public void make(Files files, String hostname, List<IpChange> inside)
      throws IOException, InterruptedException {
    run(MAKE, files, hostname, inside);
  }

  @Override
  public void mount(long process, Files files, List<IpChange> inside)
      throws IOException, InterruptedException {
    run(MOUNT, files, Long.toString(process), inside);
  }

  private static void run(String script, Files files, String last, List<IpChange> inside)
      throws IOException, InterruptedException {
    Command.of(
            "sh",
            "-c",
            script,
            "sh",
            files.network().toString(),
            files.ipc().toString(),
            files.uts().toString(),
            last)
        .run(IpCommand.lines(inside));
  }

  @Override
  public void nameHost(Path uts, String hostname) throws IOException, InterruptedException {
    Command.of(
            "nsenter",
            "--uts=" + uts,
            "sh",
            "-c",
            "echo \"$0\" > /proc/sys/kernel/hostname",
            hostname)
        .run();
  }
}
