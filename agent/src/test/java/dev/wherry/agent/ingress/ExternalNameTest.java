package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes that lead out of the cluster by a name, in a network of its own with servers in it. */
@Timeout(120)
@ExtendWith(OwnNetwork.class)
class ExternalNameTest {
  private static final InetAddress FIRST = InetAddress.ofLiteral("198.51.100.1");
  private static final InetAddress SECOND = InetAddress.ofLiteral("198.51.100.2");

  private final DesiredState desired = new DesiredState();
  private final IngressCounters counters = new IngressCounters();
  private final Map<String, List<InetAddress>> names = new ConcurrentHashMap<>();
  private final CountDownLatch answering = new CountDownLatch(1);
  private HttpServer first;
  private HttpServer second;
  private IngressServer server;

  @BeforeAll
  static void addresses() throws Exception {
    for (InetAddress each : List.of(FIRST, SECOND)) {
      Command.of("ip", "address", "add", each.getHostAddress() + "/32", "dev", "lo").run();
    }
  }

  @BeforeEach
  void start() throws IOException {
    first = says("first", FIRST, 0);
    second = says("second", SECOND, first.getAddress().getPort());
    Offered.defaultClass(desired);
    external(first.getAddress().getPort());
    ingress("{}");
    serve();
  }

  private void serve() throws IOException {
    server =
        IngressServer.start(
            Offered.freePort(),
            0,
            Offered.traffic(desired, counters, 0, this::lookUp),
            new IngressCertificates(desired, InstantSource.system()));
  }

  private static HttpServer says(String word, InetAddress address, int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.createContext(
        "/",
        exchange -> {
          int body = exchange.getRequestBody().readAllBytes().length;
          String host = exchange.getRequestHeaders().getFirst("Host");
          byte[] answer = (word + " for " + host + " got " + body).getBytes(US_ASCII);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void external(int port) {
    desired.upsert(
        Resource.SERVICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "out"},
             "spec": {"type": "ExternalName", "externalName": "out.example.",
               "ports": [{"port": 80, "targetPort": %d}]}}
            """
                .formatted(port)));
  }

  private void ingress(String annotations) {
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "out", "annotations": %s},
             "spec": {"defaultBackend": {"service": {"name": "out", "port": {"number": 80}}}}}
            """
                .formatted(annotations)));
  }

  private List<InetAddress> lookUp(String name) throws IOException {
    try {
      if (names.isEmpty() && !answering.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody answers");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    List<InetAddress> found = names.get(name);
    if (found == null) {
      throw new IOException("nobody knows " + name);
    }
    return found;
  }

  @AfterEach
  void stop() {
    answering.countDown();
    server.close();
    first.stop(0);
    second.stop(0);
  }

  private String ask(String... body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().get(0))) {
      socket.setSoTimeout(60_000);
      send(socket, body);
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private static void send(Socket socket, String... body) throws IOException {
    String request =
        "POST / HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\nContent-Length: "
            + String.join("", body).length()
            + "\r\n\r\n"
            + String.join("", body);
    socket.getOutputStream().write(request.getBytes(US_ASCII));
  }

  @Test
  void leadsToWhereTheNamePoints() throws IOException {
    names.put("out.example", List.of(FIRST));
    assertThat(ask()).startsWith("HTTP/1.1 200").endsWith("first for web.example got 0");
    assertThat(ask("body")).endsWith("got 4");
    assertThat(counters.services().keySet()).containsExactly(new ObjectKey("default", "out"));
  }

  @Test
  void aRequestWaitsForTheFirstLookUp() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().get(0))) {
      socket.setSoTimeout(60_000);
      send(socket, "body");
      names.put("out.example", List.of(FIRST));
      answering.countDown();
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 200")
          .endsWith("got 4");
    }
  }

  @Test
  void followsTheNameAndKeepsItsLastMeaning() throws IOException {
    names.put("out.example", List.of(FIRST));
    assertThat(ask()).contains("first");
    names.put("out.example", List.of(SECOND));
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!ask().contains("second")) {
      assertThat(deadline - System.nanoTime()).as("in time").isPositive();
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  @Test
  void asksForTheHostThatTheIngressNames() throws IOException {
    names.put("out.example", List.of(FIRST));
    for (String host : List.of("out.example", "out.example:80")) {
      server.close();
      ingress("{\"nginx.ingress.kubernetes.io/upstream-vhost\": \"" + host + "\"}");
      serve();
      assertThat(ask()).endsWith("first for " + host + " got 0");
    }
    server.close();
    ingress("{\"nginx.ingress.kubernetes.io/upstream-vhost\": \"$host\\r\\nX: y\"}");
    serve();
    assertThat(ask()).endsWith("first for web.example got 0");
  }

  @Test
  void spreadsOverAllAddresses() throws IOException {
    names.put("out.example", List.of(FIRST, SECOND));
    assertThat(List.of(ask(), ask()).toString()).contains("first", "second");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1"})
  void doesNotLeadToWhatIsTheNodesOwn(String address) throws IOException {
    names.put("out.example", List.of(InetAddress.ofLiteral(address)));
    assertThat(ask()).startsWith("HTTP/1.1 503").contains("the service has no endpoints");
  }

  @Test
  void saysWhenTheNameLeadsNowhere() throws IOException {
    names.put("other.example", List.of(FIRST));
    assertThat(ask()).as("nobody can say").startsWith("HTTP/1.1 503");
    external(first.getAddress().getPort()); // is looked for anew
    names.put("out.example", List.of());
    assertThat(ask("body")).as("there is no such name").startsWith("HTTP/1.1 503");
  }
}
