package dev.wherry.agent.usage;

import dev.wherry.agent.host.Command;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Readings of what a node may run short of. */
public final class NodeSignals {
  private NodeSignals() {}

  /** How much is left of how much. */
  public record Level(long available, long capacity) {}

  /** Bytes of memory that programs could have without anything being swapped out. */
  public static Level memory() throws IOException {
    return new Level(Proc.memory("MemAvailable"), Proc.memory("MemTotal"));
  }

  /** Bytes of the file system that holds this directory. */
  public static Level disk(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return new Level(store.getUsableSpace(), store.getTotalSpace());
  }

  /**
   * Its inodes; a level without capacity where it does not count them (btrfs). Starts a program.
   */
  public static Level inodes(Path directory) throws IOException, InterruptedException {
    String[] numbers =
        Command.of("stat", "--file-system", "--format=%d %c", directory.toString())
            .run()
            .strip()
            .split(" ");
    return new Level(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
  }

  /** Process ids, threads included. */
  public static Level pids() {
    String[] load = Proc.text("/proc/loadavg").split("[ /]");
    long most =
        Math.min(
            number(Proc.text("/proc/sys/kernel/pid_max")),
            number(Proc.text("/proc/sys/kernel/threads-max")));
    long running = load.length > 4 ? number(load[4]) : 0;
    return new Level(most - running, most);
  }

  private static long number(String text) {
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }
}
