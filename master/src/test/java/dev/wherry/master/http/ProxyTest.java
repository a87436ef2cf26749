package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The subresource {@code proxy} of pods, services and nodes, to a server on this machine. */
@Timeout(120)
class ProxyTest {
  private static TestServer server;
  private static HttpServer target;
  private static HttpsServer secure;
  private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    target = HttpServer.create(any, 0);
    target.createContext("/", ProxyTest::tell);
    target.start();
    secure = HttpsServer.create(any, 0);
    Credential credential = server.authority.server(server.names);
    secure.setHttpsConfigurator(
        new HttpsConfigurator(server.tls(TestServer.keys(credential, server.authority))));
    secure.createContext("/", ProxyTest::tell);
    secure.start();
    client = HttpClient.newBuilder().sslContext(server.administratorTls()).build();
    make("pods", pod());
    make("services", service());
    make("endpointslices.discovery.k8s.io", slice());
    server.objects.create(
        GroupResource.NODES,
        Obj.of("apiVersion", "v1", "kind", "Node", "metadata", Obj.of("name", "n1")));
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    target.stop(0);
    secure.stop(0);
    server.close();
  }

  private static void make(String resource, Obj object) {
    int dot = resource.indexOf('.');
    GroupResource kind =
        dot < 0
            ? new GroupResource("", resource)
            : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot));
    server.objects.create(kind, object);
  }

  private static Obj pod() {
    Obj port = Obj.of("containerPort", target.getAddress().getPort());
    Obj container = Obj.of("name", "c", "image", "wherry/hello:1", "ports", List.of(port));
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Pod",
        "metadata",
        Obj.of("name", "p", "namespace", "default"),
        "spec",
        Obj.of("containers", List.of(container)));
  }

  private static Obj service() {
    Obj port = Obj.of("name", "web", "port", 80, "targetPort", target.getAddress().getPort());
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Service",
        "metadata",
        Obj.of("name", "s", "namespace", "default"),
        "spec",
        Obj.of("ports", List.of(port)));
  }

  private static Obj slice() {
    Obj labels = Obj.of("kubernetes.io/service-name", "s");
    Obj pod = Obj.of("kind", "Pod", "namespace", "default", "name", "p");
    Obj port = Obj.of("name", "web", "port", target.getAddress().getPort(), "protocol", "TCP");
    return Obj.of(
        "apiVersion",
        "discovery.k8s.io/v1",
        "kind",
        "EndpointSlice",
        "metadata",
        Obj.of("name", "s-1", "namespace", "default", "labels", labels),
        "addressType",
        "IPv4",
        "endpoints",
        List.of(Obj.of("addresses", List.of("10.42.0.9"), "targetRef", pod)),
        "ports",
        List.of(port));
  }

  /** Answers with what it was asked. */
  private static void tell(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String path = exchange.getRequestURI().toString();
    Obj told =
        Obj.of(
            "method",
            exchange.getRequestMethod(),
            "path",
            path,
            "body",
            body,
            "forwarded",
            String.valueOf(exchange.getRequestHeaders().getFirst("X-Forwarded-Uri")),
            "authorization",
            String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] answer = path.startsWith("/large") ? new byte[5_000_000] : Json.write(told);
    exchange.getResponseHeaders().add("set-cookie", "a=1");
    exchange.getResponseHeaders().add("set-cookie", "b=2");
    if (path.startsWith("/moved")) {
      exchange.getResponseHeaders().add("location", "/elsewhere");
    }
    int code = path.startsWith("/moved") ? 302 : path.startsWith("/teapot") ? 418 : 200;
    exchange.sendResponseHeaders(code, path.startsWith("/large") ? 0 : answer.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer);
    }
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static final String PODS = "/api/v1/namespaces/default/pods/";
  private static final String SERVICES = "/api/v1/namespaces/default/services/";

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void sendsARequestOnAsItIs(HttpClient.Version version) throws Exception {
    HttpResponse<String> response =
        send(
            request(PODS + "p/proxy/a%20b/c?q=1&r=%2F")
                .version(version)
                .header("authorization", "Basic secret")
                .PUT(BodyPublishers.ofString("content"))
                .build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    Obj told = Json.read(response.body());
    assertThat(told.string("method")).isEqualTo("PUT");
    assertThat(told.string("path")).isEqualTo("/a%20b/c?q=1&r=%2F");
    assertThat(told.string("body")).isEqualTo("content");
    assertThat(told.string("authorization")).isEqualTo("null");
    assertThat(told.string("forwarded")).isEqualTo(PODS + "p/proxy/a%20b/c?q=1&r=%2F");
    assertThat(response.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
  }

  @ParameterizedTest
  @CsvSource({
    "p/proxy/teapot, 418, ",
    "p/proxy/moved,  302, /api/v1/namespaces/default/pods/p/proxy/elsewhere",
    "p/proxy,        301, /api/v1/namespaces/default/pods/p/proxy/",
    "p:1/proxy/,     503, ",
    "p:x/proxy/,     400, ",
    "ftp:p:1/proxy/, 400, ",
    "none/proxy/,    404, ",
  })
  void answersAsTheTargetDoes(String path, int code, String location) throws Exception {
    HttpResponse<String> response = send(request(PODS + path).build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    assertThat(response.headers().firstValue("location").orElse(null)).isEqualTo(location);
  }

  @Test
  void carriesLargeAnswersThatHaveNoLength() throws Exception {
    HttpResponse<InputStream> response =
        client.send(request(PODS + "p/proxy/large").build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      assertThat(body.readAllBytes()).hasSize(5_000_000);
    }
    HttpResponse<Void> head =
        client.send(request(PODS + "p/proxy/x").HEAD().build(), BodyHandlers.discarding());
    assertThat(head.statusCode()).isEqualTo(200);
  }

  @Test
  void speaksTlsWherePathsSaySo() throws Exception {
    int port = secure.getAddress().getPort();
    HttpResponse<String> response = send(request(PODS + "https:p:" + port + "/proxy/safe").build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(Json.read(response.body()).string("path")).isEqualTo("/safe");
  }

  @ParameterizedTest
  @CsvSource({"s:web, 200", "s:80, 200", "http:s:web, 200", "s:81, 503", "s:none, 503"})
  void findsAnEndpointOfAService(String name, int code) throws Exception {
    HttpResponse<String> response = send(request(SERVICES + name + "/proxy/x").build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
  }

  @Test
  void reachesPortsOfNodesAndAnswersForTheirKubelet() throws Exception {
    String nodes = "/api/v1/nodes/n1";
    int port = target.getAddress().getPort();
    assertThat(send(request(nodes + ":" + port + "/proxy/x").build()).statusCode()).isEqualTo(200);
    assertThat(Json.read(send(request(nodes + "/proxy/pods").build()).body()).string("kind"))
        .isEqualTo("PodList");
    assertThat(send(request(nodes + "/proxy/metrics/cadvisor").build()).statusCode())
        .as("its agent is not in reach")
        .isEqualTo(503);
    HttpResponse<String> health = send(request(nodes + ":10250/proxy/healthz").build());
    assertThat(health.statusCode()).isEqualTo(500); // nobody says that it is ready
  }

  @Test
  void changesTheProtocolWhereTheTargetDoes() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket =
            server
                .administratorTls()
                .getSocketFactory()
                .createSocket("127.0.0.1", server.frontEnd.port())) {
      CompletableFuture<String> heard =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket peer = listener.accept()) {
                  String head = head(peer.getInputStream());
                  peer.getOutputStream()
                      .write(
                          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello "
                              .getBytes(UTF_8));
                  byte[] said = peer.getInputStream().readNBytes(4);
                  peer.getOutputStream().write(said);
                  return head;
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      String path = PODS + "p:" + listener.getLocalPort() + "/proxy/socket";
      socket
          .getOutputStream()
          .write(
              ("GET "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
                  .getBytes(UTF_8));
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 101 ").contains("echo");
      socket.getOutputStream().write("ping".getBytes(UTF_8));
      assertThat(socket.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("hello ping");
      assertThat(heard.get(60, TimeUnit.SECONDS)).startsWith("GET /socket HTTP/1.1");
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int each = in.read();
      if (each < 0) {
        throw new IOException("ended after: " + head);
      }
      head.append((char) each);
    }
    return head.toString();
  }

  @Test
  void needsLeave() throws Exception {
    try (HttpClient anonymous = HttpClient.newBuilder().sslContext(server.anonymousTls()).build()) {
      HttpResponse<String> response =
          anonymous.send(request(PODS + "p/proxy/").build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(403);
    }
    assertThat(server.objects.get(GroupResource.PODS, new ObjectKey("default", "p")).isEmpty())
        .isFalse();
  }
}
