package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plain requests through the server to a backend that says, byte by byte, what a test wants. */
@Timeout(120)
class RelayTest {
  private static final String GET = "GET /x HTTP/1.1\r\nHost: web.example\r\n\r\n";
  private static final String LAST =
      "GET /last HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final DesiredState desired = new DesiredState();
  private final IngressCounters counters = new IngressCounters();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private ServerSocket backend;
  private IngressServer server;
  private IngressTraffic traffic;

  @BeforeEach
  void start() throws IOException {
    backend = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
    Offered.defaultClass(desired);
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web", "annotations":
               {"nginx.ingress.kubernetes.io/proxy-read-timeout": "2"}},
             "spec": {"rules": [{"host": "web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
            """));
    Offered.service(desired, "web", backend.getLocalPort());
    traffic = Offered.traffic(desired, counters, 0);
    int port = Offered.freePort();
    server =
        IngressServer.start(
            port, 0, traffic, new IngressCertificates(desired, InstantSource.system()));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    backend.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = backend.accept();
        Thread.startVirtualThread(() -> serve(socket));
      }
    } catch (IOException _) {
      // The test is over.
    }
  }

  /** Says one of the answers to each head with its body; an empty one closes the connection. */
  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      String head = head(in);
      while (!head.isEmpty()) {
        int at = head.indexOf("Content-Length: ");
        String length = at < 0 ? "0" : head.substring(at + 16, head.indexOf('\r', at));
        asked.add(head + new String(in.readNBytes(Integer.parseInt(length)), US_ASCII));
        String answer = answers.poll(60, TimeUnit.SECONDS);
        if (answer == null || answer.isEmpty()) {
          return;
        }
        socket.getOutputStream().write(answer.getBytes(US_ASCII));
        if (!answer.contains("Content-Length") && !answer.contains("chunked")) {
          return;
        }
        head = head(in);
      }
    } catch (IOException | InterruptedException _) {
      // The other side has closed.
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().getFirst());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private String exchange(String requests) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(requests.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @Test
  void rewritesHeadsAndNothingElse() throws Exception {
    answers.add(
        "HTTP/1.1 201 Made\r\n"
            + "X-Own: 1\r\n"
            + "Keep-Alive: timeout=5\r\n"
            + "Connection: keep-alive, X-Hop\r\n"
            + "X-Hop: 2\r\n"
            + "Content-Length: 2\r\n\r\n"
            + "ok");
    String answer =
        exchange(
            "POST /a%20b?c=d HTTP/1.1\r\nhost: Web.Example\r\nX-Real-IP: 9.9.9.9\r\n"
                + "Content-Length: 5\r\nX-Kept: v\r\nConnection: close\r\n\r\nhello");
    assertThat(answer)
        .isEqualTo(
            "HTTP/1.1 201 Made\r\nX-Own: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    assertThat(asked.take())
        .startsWith(
            "POST /a%20b?c=d HTTP/1.1\r\nhost: Web.Example\r\nContent-Length: 5\r\nX-Kept: v\r\n")
        .contains("X-Real-IP: 127.0.0.1\r\n", "X-Forwarded-Host: Web.Example\r\n")
        .doesNotContain("9.9.9.9", "Connection")
        .endsWith("\r\n\r\nhello");
    assertThat(counters.services())
        .isEqualTo(Map.of(new ObjectKey("default", "web"), new IngressCounters.Count(1, 0, 5 + 2)));
  }

  @Test
  void keepsBothConnectionsForTheNextRequest() throws Exception {
    answers.add(OK);
    answers.add(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n");
    answers.add("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK);
    String answer = exchange(GET + GET + LAST);
    assertThat(answer)
        .startsWith(OK)
        .contains("2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\nHTTP/1.1 200 OK")
        .doesNotContain("Early")
        .endsWith("Connection: close\r\n\r\nok");
    assertThat(asked).hasSize(3);
  }

  @Test
  void readsNoBodyWhereThereIsNone() throws Exception {
    answers.add("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    answers.add("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
    answers.add(OK);
    String answer = exchange(GET.replace("GET", "HEAD") + GET + LAST);
    assertThat(answer.split("HTTP/1.1 ", -1)).hasSize(4);
    assertThat(answer).endsWith("ok");
  }

  @Test
  void endsWithTheBackendWhereNothingElseSaysWhereTheBodyEnds() throws Exception {
    answers.add("HTTP/1.0 200 OK\r\n\r\nall of it");
    assertThat(exchange(GET)).isEqualTo("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
  }

  @Test
  void asksAgainWhereAKeptConnectionWasClosed() throws Exception {
    answers.add(OK);
    answers.add("");
    answers.add(OK);
    assertThat(exchange(GET + LAST).split("HTTP/1.1 200", -1)).hasSize(3);
  }

  @Test
  void asksNoSecondTimeForWhatIsNotSafe() throws Exception {
    answers.add("");
    String post = "POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: 1\r\n\r\nx";
    assertThat(exchange(post)).startsWith("HTTP/1.1 502");
    assertThat(asked).hasSize(1);
  }

  @Test
  void refusesAnswersThatCouldBeReadDifferently() throws Exception {
    for (String answer :
        List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX y: 1\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 0\r\n\r\n",
            "SMTP ready Content-Length\r\n\r\n")) {
      answers.add(answer);
      assertThat(exchange(GET)).as(answer).startsWith("HTTP/1.1 502");
    }
  }

  @Test
  void showsThatAnAnswerIsNotWhole() throws Exception {
    answers.add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX");
    assertThat(exchange(GET)).doesNotContain("0\r\n\r\n");
  }

  @Test
  void goesOnWithWhatNeedsMoreOnTheSameConnection() throws Exception {
    answers.add(OK);
    answers.add(OK);
    String chunked =
        "POST /c HTTP/1.1\r\n"
            + "Host: web.example\r\n"
            + "Connection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "0\r\n\r\n";
    String answer = exchange(GET + chunked);
    assertThat(answer.split("HTTP/1.1 200", -1)).hasSize(3);
    assertThat(exchange(GET.replace("Host", "Hos t"))).startsWith("HTTP/1.1 400");
    assertThat(exchange(GET.replace("/x", "/" + "x".repeat(20_000)))).startsWith("HTTP/1.1 414");
  }

  @Test
  void takesHeadsAndBodiesInAnyPieces() throws Exception {
    answers.add(OK);
    try (Socket socket = connect()) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      for (String piece :
          List.of(
              "POST / HT", "TP/1.1\r\nHost: web.ex", "ample\r\nContent-Length: 4\r", "\n\r\nab")) {
        out.write(piece.getBytes(US_ASCII));
        out.flush();
      }
      out.write("cd".getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(OK.length()), US_ASCII))
          .isEqualTo(OK);
    }
    assertThat(asked.take()).endsWith("abcd");
  }

  @Test
  void carriesLargeBodiesBothWays() throws Exception {
    String large = "0123456789abcdef".repeat(200_000);
    answers.add("HTTP/1.1 200 OK\r\nContent-Length: " + large.length() + "\r\n\r\n" + large);
    try (Socket socket = connect()) {
      String head =
          "POST / HTTP/1.1\r\nHost: web.example\r\nContent-Length: " + large.length() + "\r\n\r\n";
      socket.getOutputStream().write((head + large).getBytes(US_ASCII));
      String answer = head(socket.getInputStream());
      assertThat(answer).startsWith("HTTP/1.1 200");
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.write(socket.getInputStream().readNBytes(large.length()));
      assertThat(body.toString(US_ASCII)).isEqualTo(large);
    }
    assertThat(asked.take()).endsWith(large);
  }

  @Test
  void saysThatABackendIsSilentForTooLong() throws Exception {
    assertThat(exchange(GET)).startsWith("HTTP/1.1 504");
    assertThat(counters.services().values()).containsExactly(new IngressCounters.Count(1, 1, 0));
  }

  @Test
  void letsAnAnswerUnderWayBeFinishedWhileItDrains() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(GET.getBytes(US_ASCII));
      asked.take();
      traffic.drain();
      answers.add(OK);
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .endsWith("Connection: close\r\n\r\nok");
    }
  }
}
