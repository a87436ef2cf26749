package dev.wherry.agent.ip;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes and furnishes the namespaces of pods. Thread-safe. */
public interface Namespaces {

  /** Files that namespaces are mounted on: there, and nothing mounted. */
  record Files(Path network, Path ipc, Path uts) {}

  /**
   * Makes a network, an IPC and a UTS namespace that their mounts alone keep. Where it fails what
   * is mounted stays so.
   *
   * @param hostname in the UTS namespace, 64 bytes at most
   * @param inside carried out in the network namespace
   */
  void make(Files files, String hostname, List<IpChange> inside)
      throws IOException, InterruptedException;

  /**
   * Mounts the three of a process.
   *
   * @param inside carried out in the network namespace
   */
  void mount(long process, Files files, List<IpChange> inside)
      throws IOException, InterruptedException;

  /** Names the host of a UTS namespace. */
  void nameHost(Path uts, String hostname) throws IOException, InterruptedException;
}
