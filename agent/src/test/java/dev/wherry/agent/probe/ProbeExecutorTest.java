package dev.wherry.agent.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.FakeRuntime;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes against servers on the loopback device. */
class ProbeExecutorTest {
  /** The first calls load much code, which a busy machine takes its time for. */
  private static final Duration PATIENTLY = Duration.ofSeconds(60);

  private static final ContainerView CONTAINER = new ContainerView(Json.read("{\"name\":\"app\"}"));

  private final ProbeExecutor executor = new ProbeExecutor(new FakeRuntime());

  private ProbeExecutor.Result run(String handler) throws EngineException {
    return executor.run(Handler.of(Json.read(handler)), CONTAINER, "id", "127.0.0.1", PATIENTLY);
  }

  private ProbeExecutor.Result briefly(String handler) throws EngineException {
    return executor.run(
        Handler.of(Json.read(handler)), CONTAINER, "id", "127.0.0.1", Duration.ofMillis(500));
  }

  /** Answers each connection with the next of these and keeps what was asked. */
  private static final class Answers implements AutoCloseable {
    final ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    final Queue<String> asked = new ConcurrentLinkedQueue<>();

    Answers(List<String> answers) throws IOException {
      Thread.startVirtualThread(
          () -> {
            try {
              for (String answer : answers) {
                try (Socket client = socket.accept()) {
                  asked.add(request(client.getInputStream()));
                  client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                }
              }
            } catch (IOException e) {
              asked.add(e.toString());
            }
          });
    }

    private static String request(InputStream in) throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\r\n\r\n") < 0) {
        text.append((char) in.read());
      }
      return text.toString();
    }

    int port() {
      return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void judgesAnHttpServerByItsStatusAndSendsTheHeaders() throws Exception {
    try (Answers server =
        new Answers(
            List.of(
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno",
                "garbage\r\n\r\n"))) {
      String get =
          "{\"httpGet\":{\"port\":%d,\"path\":\"/x?y=1\",\"httpHeaders\":[{\"name\":\"X-Probe\",\"value\":\"yes\"}]}}"
              .formatted(server.port());
      assertThat(run(get).verdict()).isEqualTo(Verdict.SUCCESS);
      assertThat(server.asked.peek())
          .startsWith("GET /x?y=1 HTTP/1.1\r\n")
          .contains("X-Probe: yes\r\n", "User-Agent: kube-probe/1.36\r\n");
      assertThat(run(get))
          .isEqualTo(ProbeExecutor.Result.failure("HTTP probe failed with statuscode: 503"));
      assertThat(run(get).message()).contains("malformed HTTP response \"garbage\"");
    }
  }

  @Test
  void followsRedirectsWithinTheHostAlone() throws Exception {
    String moved = "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n";
    try (Answers server =
        new Answers(
            List.of(
                moved.formatted("/login"),
                "HTTP/1.1 500 Oops\r\n\r\n",
                moved.formatted("http://example.invalid/")))) {
      String get = "{\"httpGet\":{\"port\":%d}}".formatted(server.port());
      assertThat(run(get).message()).isEqualTo("HTTP probe failed with statuscode: 500");
      assertThat(run(get))
          .isEqualTo(
              new ProbeExecutor.Result(
                  Verdict.SUCCESS, "", "Probe terminated redirects, Response body: "));
    }
  }

  @Test
  void saysWhyAPortDoesNotAnswer() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    String refused = "dial tcp 127.0.0.1:" + port + ": connect: connection refused";
    assertThat(run("{\"tcpSocket\":{\"port\":%d}}".formatted(port)))
        .isEqualTo(ProbeExecutor.Result.failure(refused));
    assertThat(run("{\"httpGet\":{\"port\":%d,\"path\":\"h\"}}".formatted(port)).message())
        .isEqualTo("Get \"http://127.0.0.1:" + port + "/h\": " + refused);
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(briefly("{\"httpGet\":{\"port\":%d}}".formatted(silent.getLocalPort())).message())
          .contains("context deadline exceeded");
    }
  }

  @Test
  void asksATlsServerWhoeverSignedItsCertificate(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("keys.p12");
    String password = "changeit";
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=nobody.example",
                "-validity",
                "1",
                "-keystore",
                store.toString(),
                "-storepass",
                password,
                "-alias",
                "a")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls(store, password)));
    server.createContext(
        "/",
        exchange -> {
          boolean well = exchange.getRequestURI().getPath().equals("/well");
          exchange.sendResponseHeaders(well ? 200 : 500, -1);
          exchange.close();
        });
    server.start();
    try {
      String get =
          "{\"httpGet\":{\"scheme\":\"HTTPS\",\"port\":%d,\"path\":\"%s\"}}"
              .formatted(server.getAddress().getPort(), "%s");
      assertThat(run(get.formatted("/well")).verdict()).isEqualTo(Verdict.SUCCESS);
      assertThat(run(get.formatted("/ill")))
          .isEqualTo(ProbeExecutor.Result.failure("HTTP probe failed with statuscode: 500"));
      String plain = get.formatted("/well").replace("HTTPS", "HTTP");
      assertThat(run(plain).verdict()).isEqualTo(Verdict.FAILURE);
    } finally {
      server.stop(0);
    }
    try (Answers noTls = new Answers(List.of("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
      String get = "{\"httpGet\":{\"scheme\":\"HTTPS\",\"port\":%d}}".formatted(noTls.port());
      assertThat(briefly(get).verdict()).isEqualTo(Verdict.FAILURE);
    }
  }

  private static SSLContext tls(Path store, String password) throws Exception {
    KeyStore keys = KeyStore.getInstance(store.toFile(), password.toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void aCommandThatCannotBeRunTellsNothingOfTheContainerButFailsAHook() throws Exception {
    String exec = "{\"exec\":{\"command\":[\"true\"]}}";
    assertThatThrownBy(() -> run(exec))
        .isInstanceOf(EngineException.class)
        .hasMessage("no such container id");
    assertThat(
            executor.hook(
                Handler.of(Json.read(exec)), CONTAINER, "id", "127.0.0.1", Duration.ofMillis(10)))
        .isEqualTo(ProbeExecutor.Result.failure("no such container id"));
  }

  @Test
  void anHttpHookSucceedsByAnyAnswer() throws Exception {
    try (Answers server = new Answers(List.of("HTTP/1.1 404 Not Found\r\n\r\n"))) {
      Handler hook = Handler.of(Json.read("{\"httpGet\":{\"port\":%d}}".formatted(server.port())));
      assertThat(executor.hook(hook, CONTAINER, "id", "127.0.0.1", PATIENTLY).verdict())
          .isEqualTo(Verdict.SUCCESS);
    }
    Handler sleep = Handler.of(Json.read("{\"sleep\":{\"seconds\":100}}"));
    assertThat(executor.hook(sleep, CONTAINER, "id", "127.0.0.1", Duration.ofMillis(10)).verdict())
        .as("no longer than the grace")
        .isEqualTo(Verdict.SUCCESS);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Serves {@code good}; anything else does not serve. */
  private static ServerServiceDefinition health() {
    MethodDescriptor<byte[], byte[]> check =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    return ServerServiceDefinition.builder("grpc.health.v1.Health")
        .addMethod(
            check,
            ServerCalls.asyncUnaryCall(
                (request, answers) -> {
                  boolean good = new String(request, StandardCharsets.UTF_8).endsWith("good");
                  answers.onNext(new byte[] {8, (byte) (good ? 1 : 2)});
                  answers.onCompleted();
                }))
        .build();
  }

  @Test
  void asksGrpcServersForTheHealthOfAService() throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(health())
            .build()
            .start();
    int port = server.getPort(); // a server that has stopped no longer tells
    try {
      String probe = "{\"grpc\":{\"port\":%d,\"service\":\"%s\"}}";
      assertThat(run(probe.formatted(port, "good"))).isEqualTo(ProbeExecutor.Result.success(""));
      assertThat(run(probe.formatted(port, "bad")).message())
          .isEqualTo("service unhealthy (responded with \"NOT_SERVING\")");
    } finally {
      server.shutdownNow();
    }
    assertThat(run("{\"grpc\":{\"port\":%d}}".formatted(port)).message())
        .startsWith("timeout: failed to connect service");
  }

  @Test
  void aPortThatNobodyNamedSaysNothingOfTheContainer() throws Exception {
    for (String handler :
        List.of(
            "{\"httpGet\":{\"path\":\"/\",\"port\":\"wob\"}}",
            "{\"tcpSocket\":{\"port\":\"wob\"}}")) {
      assertThatThrownBy(() -> run(handler))
          .isInstanceOf(EngineException.class)
          .hasMessage("strconv.Atoi: parsing \"wob\": invalid syntax");
      ProbeExecutor.Result hook =
          executor.hook(Handler.of(Json.read(handler)), CONTAINER, "id", "127.0.0.1", PATIENTLY);
      assertThat(hook.verdict()).isEqualTo(Verdict.FAILURE);
    }
  }
}
