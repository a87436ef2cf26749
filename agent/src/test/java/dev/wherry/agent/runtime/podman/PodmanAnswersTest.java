package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of answers of Podman's that no real one can be brought to give when it is due. */
class PodmanAnswersTest {
  private static final String ENDING =
      answer(
          "500 Internal Server Error",
          "{\"message\":\"read /proc/4711/cgroup: no such process\",\"response\":500}");
  private static final String ENDED =
      answer(
          "200 OK",
          """
          {"Id":"abc","State":{"Status":"exited","ExitCode":3},
           "Config":{"Labels":{"io.kubernetes.pod.uid":"u1","io.kubernetes.pod.name":"p",
             "io.kubernetes.pod.namespace":"default","io.kubernetes.container.name":"c"}}}
          """);

  @TempDir private Path directory;
  private ServerSocketChannel server;
  private PodmanRuntime podman;

  @BeforeEach
  void listen() throws Exception {
    Path socket = directory.resolve("s");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    podman = new PodmanRuntime(socket, directory, 0, Duration.ofMinutes(1));
  }

  @AfterEach
  void close() throws Exception {
    podman.close();
    server.close();
  }

  private static String answer(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
  }

  @Test
  void looksAgainAtAContainerThatEndsWhilePodmanLooks() throws Exception {
    Thread engine = answering(List.of(ENDING, ENDING, ENDED));

    assertThat(podman.inspect("abc"))
        .hasValueSatisfying(seen -> assertThat(seen.exitCode()).isEqualTo(3));
    engine.join();
  }

  @Test
  void tellsOfAnEngineThatGoesOnFailing() throws Exception {
    Thread engine = answering(List.of(ENDING, ENDING, ENDING, ENDING, ENDING, ENDED));

    assertThatThrownBy(() -> podman.inspect("abc"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("/proc/4711/cgroup: no such process");
    assertThat(podman.inspect("abc")).as("after five looks").isPresent();
    engine.join();
  }

  /** Gives a connection each of these answers. */
  private Thread answering(List<String> answers) {
    return Thread.startVirtualThread(
        () -> {
          for (String each : answers) {
            try (SocketChannel connection = server.accept()) {
              connection.read(ByteBuffer.allocate(4096));
              connection.write(ByteBuffer.wrap(each.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
  }
}
