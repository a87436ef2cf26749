package dev.wherry.agent.runtime.docker;

import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A Docker daemon of a test's own: it has its own containerd, data and socket, makes no bridge and
 * no rule. Ends with {@link #close}.
 */
final class DockerDaemon implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(30);

  final Path root;
  private Process process;

  DockerDaemon() throws IOException {
    root = Files.createTempDirectory("wherry-docker");
    process = start();
  }

  Path socket() {
    return root.resolve("docker.sock");
  }

  private Process start() throws IOException {
    Process started =
        new ProcessBuilder(
                "dockerd",
                "--data-root=" + root.resolve("data"),
                "--exec-root=" + root.resolve("run"),
                "--pidfile=" + root.resolve("pid"),
                "--host=unix://" + socket(),
                "--exec-opt=native.cgroupdriver=cgroupfs",
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
                "--ip-forward=false",
                "--ip-masq=false",
                "--live-restore")
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("log").toFile())
            .start();
    long deadline = System.nanoTime() + START.toNanos();
    while (!answers()) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("dockerd does not start: " + Files.readString(root.resolve("log")));
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return started;
  }

  private boolean answers() {
    try {
      return new UnixHttp(socket()).get("/_ping", Duration.ofSeconds(5)).ok();
    } catch (IOException _) {
      return false;
    }
  }

  /** Ends the daemon and starts it again; containers live through it. */
  void restart() throws IOException {
    process.destroy();
    process.onExit().join();
    process = start();
  }

  /**
   * Makes an image of a file tree.
   *
   * @param command what its containers run where nothing else is said
   */
  void importImage(Path tar, String repository, String command) throws IOException {
    String changes = UnixHttp.encode("CMD [\"" + command.replace(" ", "\",\"") + "\"]");
    String path = "/images/create?fromSrc=-&tag=1&repo=" + repository + "&changes=" + changes;
    UnixHttp.Answer answer = new UnixHttp(socket()).postTar(path, Files.newInputStream(tar), START);
    if (!answer.ok()) {
      throw new IOException(answer.text());
    }
  }

  private void removeContainers() throws IOException {
    UnixHttp http = new UnixHttp(socket());
    UnixHttp.Answer all = http.get("/containers/json?all=true", START);
    for (Obj each : EngineApi.objects(all)) {
      http.delete("/containers/" + each.string("Id") + "?force=true", START);
    }
  }

  static void run(List<String> command) throws IOException, InterruptedException {
    Process ran = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(ran.getInputStream().readAllBytes());
    if (!ran.waitFor(60, TimeUnit.SECONDS) || ran.exitValue() != 0) {
      throw new IOException(command + ": " + output);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    removeContainers();
    process.destroy();
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    String mounts = "grep -o ' " + root + "/[^ ]*' /proc/self/mounts";
    run(List.of("sh", "-c", mounts + " | tac | xargs -r umount -l"));
    run(List.of("rm", "-rf", root.toString()));
  }
}
