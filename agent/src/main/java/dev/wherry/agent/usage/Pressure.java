package dev.wherry.agent.usage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether memory, disk or process ids run short (kubelet: eviction-hard's defaults). */
public record Pressure(boolean memory, boolean disk, boolean pids) {
  private static final long MIN_AVAILABLE_BYTES = 100L << 20;
  private static final double MIN_FREE_DISK = 0.1;
  private static final double MIN_FREE_PIDS = 0.05;

  /** Reads {@code /proc} and the file system of the data directory. */
  public static Pressure read(Path dataDir) throws IOException {
    FileStore store = Files.getFileStore(dataDir);
    String[] load = Proc.text("/proc/loadavg").split("[ /]");
    String max = Proc.text("/proc/sys/kernel/pid_max");
    boolean known = load.length > 4 && !max.isEmpty();
    return new Pressure(
        Proc.memory("MemAvailable") < MIN_AVAILABLE_BYTES,
        store.getUsableSpace() < MIN_FREE_DISK * store.getTotalSpace(),
        known && Long.parseLong(load[4]) > (1 - MIN_FREE_PIDS) * Long.parseLong(max));
  }
}
