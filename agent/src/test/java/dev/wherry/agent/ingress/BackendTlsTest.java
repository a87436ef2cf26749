package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.ingress.Authority.Leaf;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backends that speak TLS with the JDK's own means, and say who came and what was asked. */
@Timeout(120)
class BackendTlsTest {
  private static final String NGINX = "nginx.ingress.kubernetes.io/";
  private static final String HTTPS = NGINX + "backend-protocol";
  private static final String VERIFY = NGINX + "proxy-ssl-verify";
  private static final String SECRET = NGINX + "proxy-ssl-secret";
  private static final String NAME = NGINX + "proxy-ssl-name";
  private static final String SNI = NGINX + "proxy-ssl-server-name";
  private static final String SERVICE = "web.default.svc";

  @TempDir private Path directory;
  private final DesiredState desired = new DesiredState();
  private final Collection<String> events = new ConcurrentLinkedQueue<>();
  private Authority authority;
  private HttpsServer backend;
  private IngressTraffic traffic;
  private IngressServer server;

  @BeforeEach
  void start() throws Exception {
    authority = Authority.create(directory, "ours");
    backend = backend(authority.leaf(SERVICE));
    Offered.defaultClass(desired);
    Offered.service(desired, "web", backend.getAddress().getPort());
    ingress(Map.of(HTTPS, "HTTPS"));
    traffic = Offered.traffic(desired, events);
    server =
        IngressServer.start(
            Offered.freePort(),
            Offered.freePort(),
            traffic,
            new IngressCertificates(desired, InstantSource.system()));
  }

  @AfterEach
  void stop() {
    server.close();
    backend.stop(0);
  }

  private HttpsServer backend(Leaf own) throws Exception {
    HttpsServer made =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    made.setHttpsConfigurator(
        new HttpsConfigurator(authority.context(own)) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
            wanted.setWantClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    made.createContext("/", BackendTlsTest::tell);
    made.start();
    return made;
  }

  /** Answers with who asked, by which name, over which connection, and so much of a body. */
  private static void tell(HttpExchange exchange) throws IOException {
    int body = exchange.getRequestBody().readAllBytes().length;
    SSLSession session = ((HttpsExchange) exchange).getSSLSession();
    List<String> names =
        ((ExtendedSSLSession) session)
            .getRequestedServerNames().stream()
                .map(each -> new String(each.getEncoded(), US_ASCII))
                .toList();
    String answer =
        "%s for %s got %d client %s sni %s from %d\n"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestHeaders().getFirst("X-Forwarded-Proto"),
                body,
                client(session).map(Principal::getName).orElse("nobody"),
                names,
                exchange.getRemoteAddress().getPort());
    byte[] all = (answer + "x".repeat(body)).getBytes(US_ASCII);
    exchange.sendResponseHeaders(200, all.length);
    exchange.getResponseBody().write(all);
    exchange.close();
  }

  private static Optional<Principal> client(SSLSession session) {
    try {
      return Optional.of(session.getPeerPrincipal());
    } catch (SSLPeerUnverifiedException _) {
      return Optional.empty();
    }
  }

  private void ingress(Map<String, String> annotations) {
    Obj.Builder all = Obj.builder();
    annotations.forEach(all::put);
    Obj ingress =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web"},
             "spec": {"rules": [{"host": "web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
            """);
    desired.upsert(
        Resource.INGRESSES,
        ingress.change("metadata", each -> each.with("annotations", all.build())));
    if (traffic != null) {
      traffic.route(
          IngressRouter.of(desired.all(Resource.INGRESSES), desired.all(Resource.INGRESS_CLASSES)));
    }
  }

  private void secret(String version, Map<String, Path> files) throws IOException {
    desired.upsert(Resource.SECRETS, Authority.secret("tls", version, files));
  }

  /** The answer to a request in HTTP/1.1 with these lines and this body behind its first ones. */
  private String ask(String method, String rest) throws IOException {
    return ask(method, rest, "");
  }

  /** The answers to a request after another one. */
  private String ask(String method, String rest, String before) throws IOException {
    try (Socket socket = connect()) {
      String head = before + method + " / HTTP/1.1\r\nHost: web.example\r\nConnection: close\r\n";
      socket.getOutputStream().write((head + rest).getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().getFirst());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private String get() throws IOException {
    return ask("GET", "\r\n");
  }

  private String curl(String... more) throws Exception {
    int port = server.ports().getLast();
    List<String> line = new ArrayList<>(List.of("curl", "-sk", "--max-time", "60", "--resolve"));
    line.add("web.example:" + port + ":127.0.0.1");
    line.addAll(List.of(more));
    line.add(urlOfWeb());
    return new Command(line).run();
  }

  private String urlOfWeb() {
    return "https://web.example:" + server.ports().getLast() + "/";
  }

  @Test
  void leadsRequestsOfEveryFormToABackendOverTls() throws Exception {
    assertThat(get())
        .startsWith("HTTP/1.1 200")
        .contains("GET for http got 0 client nobody sni []");
    String body = "0123456789".repeat(50_000);
    assertThat(ask("POST", "Content-Length: " + body.length() + "\r\n\r\n" + body))
        .contains("POST for http got 500000")
        .endsWith("xxx");
    assertThat(ask("POST", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .contains("POST for http got 5");
    Path file = Files.writeString(directory.resolve("body"), body);
    assertThat(curl("--http2", "-d", "@" + file))
        .contains("POST for https got 500000")
        .endsWith("xxx");
    assertThat(curl("--http1.1", "-d", "@" + file)).contains("POST for https got 500000");
    assertThat(events).isEmpty();
  }

  /** A client's connection stays on its loop, whose pool it uses. */
  @Test
  void usesAConnectionForManyRequests() throws Exception {
    String twice = "GET / HTTP/1.1\r\nHost: web.example\r\n";
    for (String answers : List.of(ask("GET", "\r\n", twice + "\r\n"), curl(urlOfWeb()))) {
      List<String> ports =
          Pattern.compile(" from (\\d+)")
              .matcher(answers)
              .results()
              .map(each -> each.group(1))
              .toList();
      assertThat(ports).as("two answers").hasSize(2);
      assertThat(ports.getFirst()).as("over one connection").isEqualTo(ports.getLast());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https, '', true", "kubernetes.io/wss, '', true", "http, '', false", "'', '', false",
    "'', HTTPS, true", "'', https, true", "https, HTTP, false", "kubernetes.io/ws, HTTPS, true",
  })
  void isToldByThePortOrTheIngressWhatABackendSpeaks(
      String appProtocol, String annotation, boolean tls) throws Exception {
    ingress(annotation.isEmpty() ? Map.of() : Map.of(HTTPS, annotation));
    Offered.service(desired, "web", backend.getAddress().getPort(), appProtocol);
    String answer = get();
    if (tls) {
      assertThat(answer).startsWith("HTTP/1.1 200");
    } else {
      assertThat(answer).as("TLS was not spoken").startsWith("HTTP/1.1 502");
    }
  }

  @Test
  void speaksAsTheClientDoesWhereThatIsAskedFor() throws Exception {
    ingress(Map.of(HTTPS, "AUTO_HTTP"));
    assertThat(curl("--http1.1")).contains("GET for https");
    assertThat(curl("--http2")).contains("GET for https");
    assertThat(get()).as("in clear text").startsWith("HTTP/1.1 502");
  }

  @Test
  void believesWhomTheSecretSays() throws Exception {
    ingress(Map.of(HTTPS, "HTTPS", VERIFY, "on", SECRET, "default/tls"));
    assertThat(get()).startsWith("HTTP/1.1 502").contains("as its route asks");
    assertThat(events)
        .singleElement()
        .asString()
        .isEqualTo(
            "default/web BackendTLS TLS cannot be spoken to its backends:"
                + " Secret default/tls is missing");

    secret("1", Map.of("ca.crt", authority.certificate()));
    assertThat(get()).startsWith("HTTP/1.1 200").contains("sni [" + SERVICE + "]");

    secret("2", Map.of("ca.crt", Authority.create(directory, "other").certificate()));
    for (String answer :
        List.of(
            get(),
            curl("-i", "--http1.1"),
            ask("POST", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))) {
      assertThat(answer).startsWith("HTTP/1.1 502").contains("cannot be agreed upon");
    }
    assertThat(events)
        .hasSize(2)
        .last()
        .asString()
        .startsWith("default/web BackendTLS TLS with service default/web cannot be agreed upon: ")
        .contains("certification path");

    secret("3", Map.of("ca.crt", authority.certificate()));
    assertThat(get()).startsWith("HTTP/1.1 200");
  }

  @Test
  void wantsTheNameThatTheIngressSays() throws Exception {
    secret("1", Map.of("ca.crt", authority.certificate()));
    ingress(Map.of(HTTPS, "HTTPS", VERIFY, "on", SECRET, "tls", NAME, "other.example"));
    assertThat(get()).startsWith("HTTP/1.1 502");
    assertThat(events).singleElement().asString().contains("other.example");
    ingress(Map.of(HTTPS, "HTTPS", VERIFY, "on", SECRET, "tls", NAME, SERVICE));
    assertThat(get()).startsWith("HTTP/1.1 200");
    ingress(Map.of(HTTPS, "HTTPS", VERIFY, "on"));
    assertThat(get()).as("the JDK trusts nobody of ours").startsWith("HTTP/1.1 502");
  }

  @Test
  void asksForABackendByNameWhereThatIsWanted() throws Exception {
    ingress(Map.of(HTTPS, "HTTPS", SNI, "on"));
    assertThat(get()).contains("sni [" + SERVICE + "]");
    ingress(Map.of(HTTPS, "HTTPS", SNI, "on", NAME, "named.example"));
    assertThat(get()).contains("sni [named.example]");
    ingress(Map.of(HTTPS, "HTTPS"));
    assertThat(get()).contains("sni []");
  }

  @Test
  void showsTheSecretsCertificateAndARenewedOneFromThenOn() throws Exception {
    ingress(Map.of(HTTPS, "HTTPS", SECRET, "tls"));
    Leaf first = authority.leaf("first");
    Leaf second = authority.leaf("second");
    secret("1", Map.of("tls.key", first.key(), "tls.crt", first.certificate()));
    assertThat(get()).contains("client CN=first");
    assertThat(curl("--http2")).contains("client CN=first");
    secret("2", Map.of("tls.key", second.key(), "tls.crt", second.certificate()));
    assertThat(get()).contains("client CN=second");
    assertThat(curl("--http2")).contains("client CN=second");
    secret("3", Map.of("tls.key", first.certificate(), "tls.crt", second.certificate()));
    assertThat(get()).startsWith("HTTP/1.1 502");
    assertThat(events).singleElement().asString().contains("Secret default/tls cannot be used");
  }

  @Test
  void doesNotUseSecretsOfOtherNamespaces() throws Exception {
    ingress(Map.of(HTTPS, "HTTPS", SECRET, "kube-system/tls"));
    assertThat(get()).startsWith("HTTP/1.1 503").contains("other namespaces");
  }

  @Test
  void becomesATunnelOverTls() throws Exception {
    Leaf own = authority.leaf("tunnel.example");
    try (SSLServerSocket upgrading =
        (SSLServerSocket)
            authority
                .context(own)
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Offered.service(desired, "web", upgrading.getLocalPort());
      Thread.startVirtualThread(() -> IngressServerTest.tunnel(upgrading));
      try (Socket socket = connect()) {
        String request =
            "GET /ws HTTP/1.1\r\nHost: web.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        assertThat(IngressServerTest.head(socket)).startsWith("HTTP/1.1 101");
        for (String word : List.of("one!", "two!")) {
          socket.getOutputStream().write(word.getBytes(US_ASCII));
          assertThat(new String(socket.getInputStream().readNBytes(4), US_ASCII)).isEqualTo(word);
        }
      }
    }
  }
}
