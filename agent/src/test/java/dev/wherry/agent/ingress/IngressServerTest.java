package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real clients and a real backend on the loopback device. */
@Timeout(120)
class IngressServerTest {
  private static final String CLOSE = "Connection: close";
  private static final String POST = "POST / HTTP/1.1\r\nHost: web.example\r\n";

  @TempDir private Path directory;
  private final DesiredState desired = new DesiredState();
  private final IngressCounters counters = new IngressCounters();
  private HttpServer backend;
  private IngressServer server;

  @BeforeEach
  void start() throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    backend.createContext("/", IngressServerTest::echo);
    backend.start();
    Offered.defaultClass(desired);
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web", "annotations":
               {"nginx.ingress.kubernetes.io/proxy-body-size": "100k",
                "nginx.ingress.kubernetes.io/ssl-redirect": "false"}},
             "spec": {"tls": [{"hosts": ["web.example"], "secretName": "cert"}],
               "rules": [{"host": "web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}}},
               {"path": "/none", "pathType": "Prefix",
                "backend": {"service": {"name": "none", "port": {"number": 80}}}}]}}]}}
            """));
    Offered.service(desired, "web", backend.getAddress().getPort());
    server = serve();
  }

  /** What is there to be served now. */
  private IngressServer serve() throws IOException {
    return IngressServer.start(
        Offered.freePort(),
        Offered.freePort(),
        Offered.traffic(desired, counters, 443),
        new IngressCertificates(desired, InstantSource.system()));
  }

  @Test
  void takesAPortOnceNobodyElseHasIt() throws Exception {
    try (ServerSocket other = new ServerSocket(0);
        IngressServer late =
            IngressServer.start(
                other.getLocalPort(),
                0,
                Offered.traffic(desired, counters, 443),
                new IngressCertificates(desired, InstantSource.system()))) {
      assertThat(late.ports()).isEmpty();
      int port = other.getLocalPort();
      other.close();
      Await.until("the port", () -> late.ports().contains(port));
    }
  }

  /** Answers with what it was asked. */
  private static void echo(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String headers =
        exchange.getRequestHeaders().entrySet().stream()
            .map(each -> each.getKey().toLowerCase(Locale.ROOT) + "=" + each.getValue())
            .sorted()
            .collect(Collectors.joining("\n"));
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    byte[] answer = (line + "\n" + headers + "\nbody " + body.length + "\n").getBytes(US_ASCII);
    exchange.getResponseHeaders().add("Keep-Alive", "timeout=5");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(200, head ? -1 : answer.length);
    if (!head) {
      exchange.getResponseBody().write(answer);
    }
    exchange.close();
  }

  @AfterEach
  void stop() {
    server.close();
    backend.stop(0);
  }

  /** Without them it would work as well, and slower: nobody would notice. */
  @Test
  void usesTheNativeLibrariesWhereTheyAreShipped() {
    if (List.of("amd64", "aarch64").contains(System.getProperty("os.arch"))) {
      assertThat(IngressServer.TRANSPORT.channel().getSimpleName()).isEqualTo("EpollSocketChannel");
      assertThat(IngressCertificates.PROVIDER).isEqualTo(SslProvider.OPENSSL);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().get(0));
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** What the server says to these bytes, until it ends the connection. */
  private String raw(String bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @Test
  void answersClientsOfIpv6AndSaysWhoTheyAre() throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("::1"), server.ports().get(0))) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(get("/", CLOSE).getBytes(US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
          .contains("200 OK", "x-forwarded-for=[::1]");
    }
  }

  @Test
  void leadsToEndpointsOfTheServicesFirstFamily() throws IOException {
    HttpServer six = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0), 0);
    six.createContext("/", IngressServerTest::echo);
    six.start();
    try {
      Offered.service(desired, "web", Offered.freePort());
      Offered.slice(desired, "web", "IPv6", "::1", six.getAddress().getPort());
      assertThat(raw(get("/", CLOSE))).as("of IPv4, where nobody listens").contains(" 502 ");
      desired.upsert(
          Resource.SERVICES,
          Json.read(
              """
              {"metadata": {"namespace": "default", "name": "web"},
               "spec": {"clusterIP": "fd43::5", "ipFamilies": ["IPv6"], "ports": [{"port": 80}]}}
              """));
      assertThat(raw(get("/", CLOSE))).contains(" 200 ");
    } finally {
      six.stop(0);
    }
  }

  private static String get(String path, String... headers) {
    StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: web.example\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    return request.append("\r\n").toString();
  }

  @Test
  void passesRequestsOnAndSaysWhoAsked() throws IOException {
    String answer =
        raw(
            get(
                "/a?b=c",
                "X-Forwarded-For: 203.0.113.9",
                "Connection: close, X-Secret",
                "X-Secret: 1"));
    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK")
        .contains("GET /a?b=c", "x-forwarded-for=[127.0.0.1]", "x-forwarded-proto=[http]")
        .contains("x-forwarded-host=[web.example]")
        .doesNotContain("203.0.113.9", "x-secret", "timeout=5");
    assertThat(counters.services().keySet()).containsExactly(new ObjectKey("default", "web"));
  }

  @Test
  void servesManyRequestsOnOneConnectionAlsoWhenTheyComeAtOnce() throws IOException {
    String answers = raw(get("/1") + get("/2") + get("/3", CLOSE));
    assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
    assertThat(answers.indexOf("GET /1")).isLessThan(answers.indexOf("GET /2"));
    assertThat(answers.indexOf("GET /2")).isLessThan(answers.indexOf("GET /3"));
  }

  @Test
  void takesBodiesWithALengthAndInChunksAndBoundsThem() throws IOException {
    String head = POST + CLOSE + "\r\n";
    assertThat(raw(head + "Content-Length: 5\r\n\r\nhello")).contains("body 5");
    assertThat(raw(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .contains("body 5");
    assertThat(raw(head + "Content-Length: 200000\r\n\r\n")).startsWith("HTTP/1.1 413");
    String chunk = "10000\r\n" + "x".repeat(65_536) + "\r\n";
    assertThat(
            raw(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk.substring(0, 60_000)))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void refusesWhatCouldBeReadDifferentlyBehindIt() throws IOException {
    String end = "\r\n\r\n0\r\n\r\n";
    for (String request :
        List.of(
            POST + "Content-Length: 5\r\nTransfer-Encoding: chunked" + end,
            POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            POST + "Transfer-Encoding: gzip, chunked" + end,
            POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity" + end,
            POST + "Content-Length: +5\r\n\r\nhello",
            POST + "Content-Length : 5\r\n\r\nhello",
            POST + "Host: other\r\n\r\n",
            "POST / HTTP/1.1\r\n\r\n",
            "GET /../x HTTP/1.1\r\nHost: web.example\r\n\r\n",
            "POST / HTTP/1.0\r\nHost: web.example\r\nTransfer-Encoding: chunked" + end)) {
      assertThat(raw(request)).as(request).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThat(raw(get("/none", CLOSE))).startsWith("HTTP/1.1 503").contains("no endpoints");
    assertThat(raw("GET / HTTP/1.1\r\nHost: nobody\r\nContent-Length: 1\r\n\r\nx"))
        .startsWith("HTTP/1.1 404");
    Offered.service(desired, "web", Offered.freePort());
    assertThat(raw("GET / HTTP/1.0\r\nHost: web.example\r\n\r\n")).startsWith("HTTP/1.1 502");
  }

  @Test
  void answersHeadAndOldClients() throws IOException {
    assertThat(raw("HEAD / HTTP/1.1\r\nHost: web.example\r\n" + CLOSE + "\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .endsWith("\r\n\r\n");
    assertThat(raw("GET / HTTP/1.0\r\nHost: web.example\r\n\r\n")).contains("GET /");
  }

  @Test
  void oldClientsThatNameNoHostGoToTheDefaultBackend() throws IOException {
    String request = "GET /old HTTP/1.0\r\n\r\n";
    assertThat(raw(request)).startsWith("HTTP/1.1 404");
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "rest"}, "spec":
               {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}}
            """));
    server.close();
    server = serve();
    assertThat(raw(request)).startsWith("HTTP/1.1 200").contains("GET /old", "host=[_]");
  }

  @Test
  void speaksHttp2OverTlsAndShowsARenewedCertificateFromThenOn() throws Exception {
    String[] curl = {
      "curl",
      "-skv",
      "--http2",
      "--max-time",
      "30",
      "--resolve",
      "web.example:" + server.ports().get(1) + ":127.0.0.1",
      "-d",
      "x".repeat(70_000),
      "https://web.example:" + server.ports().get(1) + "/tls"
    };
    assertThat(Command.of(curl).run())
        .contains("POST /tls", "body 70000", "x-forwarded-proto=[https]", "wherry.invalid")
        .contains("HTTP/2 200");
    secret("EC", "ecparam", "-name", "prime256v1", "-genkey", "-noout");
    assertThat(Command.of(curl).run()).contains("CN=web.example", "HTTP/2 200");
    String[] without = curl.clone();
    without[without.length - 3] = "-H";
    without[without.length - 2] = "X-None: 1";
    assertThat(Command.of(without).run()).contains("GET /tls", "HTTP/2 200");
    secret("RSA", "genrsa", "-traditional", "2048");
    assertThat(Command.of(curl).run()).contains("CN=web.example", "HTTP/2 200");
  }

  /** A Secret with a fresh key in the form that this openssl command writes. */
  private void secret(String version, String... keyCommand) throws Exception {
    Path key = directory.resolve(version + ".key");
    Path certificate = directory.resolve(version + ".crt");
    List<String> line = new java.util.ArrayList<>(List.of("openssl"));
    line.addAll(List.of(keyCommand));
    String pem = new Command(line).run();
    Files.writeString(key, pem.substring(pem.indexOf("-----BEGIN")));
    Command.of(
            "openssl",
            "req",
            "-new",
            "-x509",
            "-key",
            key.toString(),
            "-subj",
            "/CN=web.example",
            "-days",
            "2",
            "-out",
            certificate.toString())
        .run();
    Base64.Encoder base64 = Base64.getEncoder();
    desired.upsert(
        Resource.SECRETS,
        Obj.of(
            "metadata",
            Obj.of("namespace", "default", "name", "cert", "resourceVersion", version),
            "data",
            Obj.of(
                "tls.crt", base64.encodeToString(Files.readAllBytes(certificate)),
                "tls.key", base64.encodeToString(Files.readAllBytes(key)))));
  }

  @Test
  void becomesATunnelForWebSockets() throws Exception {
    try (ServerSocket upgrading = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Offered.service(desired, "web", upgrading.getLocalPort());
      Thread.startVirtualThread(() -> tunnel(upgrading));
      try (Socket socket = connect()) {
        String request = get("/ws", "Connection: keep-alive, Upgrade", "Upgrade: websocket");
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        assertThat(head(socket)).startsWith("HTTP/1.1 101").containsIgnoringCase("upgrade");
        for (String word : List.of("one!", "two!")) {
          socket.getOutputStream().write(word.getBytes(US_ASCII));
          assertThat(new String(socket.getInputStream().readNBytes(4), US_ASCII)).isEqualTo(word);
        }
      }
    }
  }

  static String head(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** Accepts one connection, changes its protocol and sends back what comes. */
  static void tunnel(ServerSocket upgrading) {
    try (Socket socket = upgrading.accept()) {
      head(socket);
      String answer =
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      socket.getOutputStream().write(answer.getBytes(US_ASCII));
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
