package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What annotations make of requests from 127.0.0.1 to a real backend. */
@Timeout(120)
class AnnotationsTest {
  private static final String NGINX = "nginx.ingress.kubernetes.io/";

  private final DesiredState desired = new DesiredState();
  private final Collection<String> events = new ConcurrentLinkedQueue<>();
  private final List<HttpServer> backends = new ArrayList<>();
  private IngressTraffic traffic;
  private IngressServer server;

  @BeforeEach
  void start() throws IOException {
    Offered.defaultClass(desired);
    Offered.service(desired, "web", backend("first"));
    ingress();
    traffic = Offered.traffic(desired, events);
    server =
        IngressServer.start(
            Offered.freePort(),
            0,
            traffic,
            new IngressCertificates(desired, InstantSource.system()));
  }

  @AfterEach
  void stop() {
    server.close();
    backends.forEach(each -> each.stop(0));
  }

  /** Answers with its name and what of the head a proxy may have changed; its port. */
  private int backend(String name) throws IOException {
    HttpServer made =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    made.createContext(
        "/",
        exchange -> {
          String answer =
              "%s auth %s prefix %s"
                  .formatted(
                      name,
                      exchange.getRequestHeaders().getFirst("Authorization"),
                      exchange.getRequestHeaders().getFirst("X-Forwarded-Prefix"));
          exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "http://backend");
          exchange.sendResponseHeaders(200, answer.length());
          exchange.getResponseBody().write(answer.getBytes(US_ASCII));
          exchange.close();
        });
    made.start();
    backends.add(made);
    return made.getAddress().getPort();
  }

  private void ingress(String... annotations) {
    named("web", annotations);
  }

  /** Names and values of annotations. */
  private void named(String name, String... annotations) {
    Obj.Builder all = Obj.builder();
    for (int i = 0; i < annotations.length; i += 2) {
      all.put(NGINX + annotations[i], annotations[i + 1]);
    }
    Obj ingress =
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "%s"},
             "spec": {"rules": [{"host": "web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "%s", "port": {"number": 80}}}}]}}]}}
            """
                .formatted(name, name));
    desired.upsert(
        Resource.INGRESSES,
        ingress.change("metadata", each -> each.with("annotations", all.build())));
    if (traffic != null) {
      traffic.route(
          IngressRouter.of(desired.all(Resource.INGRESSES), desired.all(Resource.INGRESS_CLASSES)));
    }
  }

  @Test
  void whoAddsWwwIsSentToTheHostUnlessSomebodyServesThat() throws IOException {
    assertThat(exchange("GET", "www.web.example")).contains(" 404 ");
    ingress("from-to-www-redirect", "true");
    assertThat(exchange("GET", "www.web.example"))
        .contains(" 308 ", "http://web.example:" + server.ports().getFirst() + "/");
    assertThat(get()).contains(" 200 ");
    desired.upsert(
        Resource.INGRESSES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "own"},
             "spec": {"rules": [{"host": "www.web.example", "http": {"paths": [
               {"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}
            """));
    ingress("from-to-www-redirect", "true");
    assertThat(exchange("GET", "www.web.example")).contains(" 200 ");
  }

  private String get(String... fields) throws IOException {
    return ask("GET", fields);
  }

  private String ask(String method, String... fields) throws IOException {
    return exchange(method, "web.example", fields);
  }

  private String exchange(String method, String host, String... fields) throws IOException {
    StringBuilder request =
        new StringBuilder(method + " / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n");
    for (String each : fields) {
      request.append(each).append("\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.ports().getFirst())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.append("\r\n").toString().getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          whitelist-source-range | 127.0.0.0/8            | 200
          allowlist-source-range | 10.0.0.0/8, 127.0.0.1  | 200
          allowlist-source-range | 10.0.0.0/8,192.0.2.1   | 403
          denylist-source-range  | 127.0.0.0/8            | 403
          denylist-source-range  | 10.0.0.0/8, 2001:db8::/32 | 200
          whitelist-source-range | nonsense               | 503
          denylist-source-range  | 10.0.0.0/33            | 503
          auth-type              | digest                 | 503
          auth-url               | http://login           | 503
          """)
  void letsInWhoMayComeAndNobodyWhereThatCannotBeRead(String name, String value, int status)
      throws IOException {
    ingress(name, value);
    assertThat(get()).startsWith("HTTP/1.1 " + status);
  }

  @Test
  void aLoginThatIsCheckedCountsAsOneRequest() throws Exception {
    String hash = Command.of("openssl", "passwd", "-apr1", "word").run().strip();
    users("1", "auth", "ada:" + hash + "\n");
    ingress(
        "auth-type",
        "basic",
        "auth-secret",
        "users",
        "limit-rpm",
        "2",
        "limit-burst-multiplier",
        "1");

    assertThat(get(basic("ada:word"))).startsWith("HTTP/1.1 200");
    assertThat(get(basic("ada:wrong"))).startsWith("HTTP/1.1 401");
    assertThat(get(basic("ada:word"))).startsWith("HTTP/1.1 503");
  }

  private void users(String version, String key, String text) {
    desired.upsert(
        Resource.SECRETS,
        Obj.of(
            "metadata",
            Obj.of("namespace", "default", "name", "users", "resourceVersion", version),
            "data",
            Obj.of(key, Base64.getEncoder().encodeToString(text.getBytes(US_ASCII)))));
  }

  private static String basic(String pair) {
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair.getBytes(US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-apr1", "-1", "-5", "-6"})
  void letsInUsersOfASecretAsTheyAreNow(String kind) throws Exception {
    ingress("auth-type", "basic", "auth-secret", "users", "auth-realm", "The \"house\"");
    assertThat(get(basic("ada:pass:word"))).startsWith("HTTP/1.1 503");
    assertThat(events).singleElement().asString().contains("Secret default/users");

    String hash = Command.of("openssl", "passwd", kind, "pass:word").run().strip();
    users("1", "auth", "bob:$apr1$x$y\nada:" + hash + "\n");
    for (int i = 0; i < 2; i++) {
      assertThat(get(basic("ada:pass:word")))
          .startsWith("HTTP/1.1 200")
          .as("what let it in goes no further")
          .contains("auth null");
      assertThat(get(basic("ada:password")))
          .startsWith("HTTP/1.1 401")
          .contains("WWW-Authenticate: Basic realm=\"The house\"");
    }
    for (String other :
        List.of(
            "X: y",
            basic("bob:"),
            basic("eve:pass:word"),
            basic("ada"),
            "Authorization: Basic ~",
            "Authorization: Bearer x")) {
      assertThat(get(other)).as(other).startsWith("HTTP/1.1 401");
    }
    users("2", "auth", "bob:" + hash);
    assertThat(get(basic("ada:pass:word"))).startsWith("HTTP/1.1 401");
    assertThat(get(basic("bob:pass:word"))).startsWith("HTTP/1.1 200");
  }

  @Test
  void readsUsersByTheirKeysAndOldHashes() throws IOException {
    ingress("auth-type", "basic", "auth-secret", "default/users", "auth-secret-type", "auth-map");
    users("1", "ada", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=");
    assertThat(get(basic("ada:password"))).startsWith("HTTP/1.1 200");
    assertThat(get(basic("ada:Password"))).startsWith("HTTP/1.1 401");
    users("2", "ada", "password");
    assertThat(get(basic("ada:password"))).as("no hash").startsWith("HTTP/1.1 401");
  }

  @Test
  void boundsHowOftenAClientMayCome() throws IOException {
    ingress("limit-rpm", "1", "limit-burst-multiplier", "3");
    for (int i = 0; i < 3; i++) {
      assertThat(get()).startsWith("HTTP/1.1 200");
    }
    assertThat(get()).startsWith("HTTP/1.1 503").contains("too many requests");
    ingress("limit-rpm", "1", "limit-whitelist", "127.0.0.0/8");
    assertThat(get()).startsWith("HTTP/1.1 200");
  }

  @Test
  void answersBrowsersThatAskForOtherOrigins() throws IOException {
    ingress(
        "enable-cors", "true",
        "cors-allow-origin", "https://a.example, https://*.b.example",
        "cors-expose-headers", "X-Own",
        "cors-max-age", "60");
    String preflight = "Access-Control-Request-Method: PUT";
    assertThat(ask("OPTIONS", "Origin: https://x.b.example", preflight))
        .startsWith("HTTP/1.1 204")
        .contains("Access-Control-Allow-Origin: https://x.b.example", "Vary: Origin")
        .contains("Access-Control-Max-Age: 60", "Access-Control-Allow-Methods: GET, PUT")
        .doesNotContain("first");
    assertThat(get("Origin: https://a.example"))
        .contains("Access-Control-Allow-Origin: https://a.example\r\n")
        .contains("Access-Control-Allow-Credentials: true", "Access-Control-Expose-Headers: X-Own")
        .doesNotContain("http://backend");
    for (String other :
        List.of("https://b.example", "https://x.y.b.example", "http://a.example", "null")) {
      assertThat(get("Origin: " + other)).as(other).contains("http://backend");
      assertThat(ask("OPTIONS", "Origin: " + other, preflight)).as(other).contains("first");
    }
    ingress("enable-cors", "true");
    assertThat(get("Origin: https://any.example")).contains("Access-Control-Allow-Origin: *\r\n");
  }

  @Test
  void keepsAClientAtItsBackendWhileItIsThere() throws IOException {
    int second = backend("second");
    desired.upsert(
        Resource.ENDPOINT_SLICES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "web-2",
               "labels": {"kubernetes.io/service-name": "web"}},
             "addressType": "IPv4", "endpoints": [{"addresses": ["127.0.0.1"]}],
             "ports": [{"port": %d}]}
            """
                .formatted(second)));
    ingress("affinity", "cookie", "session-cookie-name", "at", "session-cookie-max-age", "60");
    String answer = get();
    int from = answer.indexOf("at=");
    String cookie = answer.substring(from, answer.indexOf(';', from));
    assertThat(answer).contains("; Path=/; Max-Age=60; HttpOnly");
    String at = answer.contains("first auth") ? "first auth" : "second auth";
    for (int i = 0; i < 4; i++) {
      assertThat(get("Cookie: x=y; " + cookie)).contains(at).doesNotContain("at=");
    }
    assertThat(get("Cookie: at=7f0000010000")).as("it has gone").contains("et-cookie: at=");
    assertThat(get() + get()).contains("first auth", "second auth");
  }

  @Test
  void tellsBackendsThePrefix() throws IOException {
    ingress("x-forwarded-prefix", "/app");
    assertThat(get("X-Forwarded-Prefix: /other")).contains("prefix /app");
  }

  @Test
  void servesAliasesThatNobodyElseServes() throws IOException {
    ingress("server-alias", "www.web.example, web.example");
    assertThat(exchange("GET", "www.web.example")).startsWith("HTTP/1.1 200");
    assertThat(exchange("GET", "other.example")).startsWith("HTTP/1.1 404");
  }

  @Test
  void aCanaryTakesNoRequestsOfTheOther() throws IOException {
    Offered.service(desired, "another", backend("canary"));
    named("another", "canary", "true", "canary-weight", "100"); // goes first by its name
    assertThat(get()).contains("first");
  }
}
