package dev.wherry.agent.sync;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Debian's docker-registry on loopback, which knows one user, {@code robot} with {@code secret}.
 */
final class TestRegistry implements AutoCloseable {
  /** bcrypt, as a registry wants it. */
  private static final String USERS =
      "robot:$2y$05$oabeFVQTIMrw/tnj6CEes.bvXjK9SCCUSCoSTnVaYjO8D805BE2Ni\n";

  final int port;
  private final Process process;

  TestRegistry(Path directory) throws IOException, InterruptedException {
    this(directory, "");
  }

  /** By TLS, with a certificate and its key in PEM. */
  static TestRegistry secure(Path directory, Path certificate, Path key)
      throws IOException, InterruptedException {
    return new TestRegistry(
        directory, ", tls: {certificate: %s, key: %s}".formatted(certificate, key));
  }

  private TestRegistry(Path directory, String tls) throws IOException, InterruptedException {
    port = freePort();
    Files.createDirectories(directory);
    Path users = Files.writeString(directory.resolve("users"), USERS);
    Path config =
        Files.writeString(
            directory.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"%s}
            auth: {htpasswd: {realm: test, path: %s}}
            """
                .formatted(directory.resolve("registry"), port, tls, users));
    process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("registry.log").toFile())
            .start();
    awaitListening();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError("the registry does not come up", e);
        }
        process.waitFor(50, TimeUnit.MILLISECONDS);
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
  }
}
