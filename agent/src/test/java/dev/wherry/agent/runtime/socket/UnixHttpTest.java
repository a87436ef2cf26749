package dev.wherry.agent.runtime.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private ServerSocketChannel server;
  private UnixHttp http;

  @BeforeEach
  void listen() throws Exception {
    Path socket = directory.resolve("s");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    http = new UnixHttp(socket);
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @Test
  void saysWhichRequestWasNotAnsweredInTime() {
    // Nobody accepts: the kernel takes the connection, and no answer comes.
    assertThatThrownBy(() -> http.get("/images/json", Duration.ofMillis(200)))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("no answer to GET /images/json within 0.2 s");
  }

  @Test
  void tellsAnEngineThatHangsUpFromOneThatIsLate() throws Exception {
    Thread engine = answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");

    assertThatThrownBy(() -> http.get("/x", PATIENCE)).isInstanceOf(EOFException.class);
    engine.join();
  }

  @Test
  void readsAWholeAnswer() throws Exception {
    Thread engine = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    assertThat(http.get("/x", PATIENCE).text()).isEqualTo("ok");
    engine.join();
  }

  /** Accepts one connection, reads what comes first, answers and hangs up. */
  @Test
  void readsTheAnswerOfAnEngineThatDoesNotWantTheWholeArchive() throws Exception {
    Thread engine = answering("HTTP/1.1 500 No\r\nContent-Length: 7\r\n\r\nis full");
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }
        };

    UnixHttp.Answer answer = http.postTar("/images/load", endless, PATIENCE);

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).isEqualTo("is full");
    engine.join();
  }

  private Thread answering(String answer) {
    return Thread.startVirtualThread(
        () -> {
          try (SocketChannel connection = server.accept()) {
            connection.read(ByteBuffer.allocate(4096));
            connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
