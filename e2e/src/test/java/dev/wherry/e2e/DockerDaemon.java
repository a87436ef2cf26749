package dev.wherry.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A Docker Engine on a test's machine, with its own containerd, data and socket. It makes no bridge
 * and no rule, and its containers end with it.
 */
final class DockerDaemon implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final TestNode machine;
  private final Path directory;
  private Process process;

  /**
   * @param directory exists; its path is short, since unix sockets lie in it
   */
  DockerDaemon(TestNode machine, Path directory) {
    this.machine = machine;
    this.directory = directory;
    this.process = start();
  }

  String endpoint() {
    return "unix://" + directory.resolve("docker.sock");
  }

  private Process start() {
    Process started =
        machine.begin(
            directory.resolve("log"),
            "dockerd",
            "--data-root=" + directory.resolve("data"),
            "--exec-root=" + directory.resolve("run"),
            "--pidfile=" + directory.resolve("pid"),
            "--host=" + endpoint(),
            "--exec-opt=native.cgroupdriver=cgroupfs",
            "--bridge=none",
            "--iptables=false",
            "--ip6tables=false",
            "--ip-forward=false",
            "--ip-masq=false");
    Shell.await(START, () -> ask("/_ping"), "OK"::equals);
    return started;
  }

  /** What a GET of this path answers; empty when nothing does. */
  String ask(String path) {
    List<String> curl =
        List.of(
            "curl",
            "-s",
            "--max-time",
            "10",
            "--unix-socket",
            directory.resolve("docker.sock").toString(),
            "http://docker" + path);
    return Shell.run(curl, "", Map.of()).out().strip();
  }

  /** Ends the daemon, and with it all containers, and starts it again. */
  void restart() {
    end();
    process = start();
  }

  private void end() {
    process.destroy();
    process.onExit().join();
  }

  @Override
  public void close() throws IOException {
    end();
    String mounts = "grep -o ' " + directory + "/[^ ]*' /proc/self/mounts";
    Shell.run(List.of("sh", "-c", mounts + " | tac | xargs -r umount -l"), "", Map.of()).ok();
    Shell.run(List.of("rm", "-rf", directory.toString()), "", Map.of()).ok();
  }
}
