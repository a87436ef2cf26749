package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What many, slow and silent clients may cost. */
@Timeout(180)
class LoadTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  private static TestServer server;
  private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    client = HttpClient.newBuilder().sslContext(server.administratorTls()).build();
    server.runningPod();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private static SSLSocket connect() throws Exception {
    Socket plain = new Socket();
    plain.setReceiveBufferSize(4096);
    plain.connect(new InetSocketAddress("127.0.0.1", server.frontEnd.port()));
    SSLSocket socket =
        (SSLSocket)
            server
                .administratorTls()
                .getSocketFactory()
                .createSocket(plain, "127.0.0.1", server.frontEnd.port(), true);
    socket.startHandshake();
    return socket;
  }

  @Test
  void turnsAwayWhatIsMoreThanItServesAtATime() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    server.connector.gate = gate;
    server.connector.logRequests.clear();
    List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
    try {
      for (int i = 0; i < Dispatcher.MAX_SHORT_REQUESTS; i++) {
        HttpRequest log = request("/api/v1/namespaces/default/pods/p/log").build();
        held.add(client.sendAsync(log, BodyHandlers.ofString()));
        assertThat(server.connector.logRequests.poll(60, TimeUnit.SECONDS)).isNotNull();
      }
      HttpResponse<String> refused = get("/api/v1/namespaces");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
      assertThat(Json.read(refused.body()).string("reason")).isEqualTo("TooManyRequests");
      HttpResponse<String> watch = get("/api/v1/namespaces?watch=true&timeoutSeconds=1");
      assertThat(watch.statusCode()).as("watches have room of their own").isEqualTo(200);
    } finally {
      gate.countDown();
    }
    for (CompletableFuture<HttpResponse<String>> each : held) {
      assertThat(each.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
    assertThat(get("/api/v1/namespaces").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void refusesALargeBodyThatTellsNoLength(HttpClient.Version version) throws Exception {
    byte[] body = new byte[RequestHandler.MAX_BODY_BYTES + 100_000];
    HttpRequest post =
        request(CONFIG_MAPS)
            .version(version)
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    try {
      HttpResponse<String> response = client.send(post, BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(413);
    } catch (IOException e) {
      // The answer came while the client was still sending: it may only see its connection end.
      assertThat(get("/healthz").body()).isEqualTo("ok");
    }
  }

  @Test
  void boundsWhatBodiesTakeTogether() throws Exception {
    List<SSLSocket> halves = new ArrayList<>();
    int bodies = (int) (BodyBudget.MAX_BYTES / RequestHandler.MAX_BODY_BYTES) + 1;
    byte[] part = new byte[RequestHandler.MAX_BODY_BYTES - 1000];
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    try {
      for (int i = 0; i < bodies; i++) {
        SSLSocket half = connect();
        halves.add(half);
        Thread.ofVirtual().start(() -> answers.add(firstLine(half)));
        sendHalf(half, part);
      }
      // Who still sends may find its connection reset before it reads the answer.
      assertThat(answers.poll(60, TimeUnit.SECONDS)).containsAnyOf("429", "Exception");
    } finally {
      for (SSLSocket half : halves) {
        half.close();
      }
    }
    await(() -> create("after-halves", "x").statusCode() == 201);
  }

  private static void sendHalf(SSLSocket socket, byte[] part) {
    try {
      socket.getOutputStream().write(head("POST", CONFIG_MAPS, RequestHandler.MAX_BODY_BYTES));
      socket.getOutputStream().write(part);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      assertThat(e).as("refused while it was sent").isNotNull();
    }
  }

  private static byte[] head(String method, String path, int length) {
    return (method
            + " "
            + path
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            + length
            + "\r\n\r\n")
        .getBytes(UTF_8);
  }

  private static String firstLine(SSLSocket socket) {
    try {
      return firstLine(socket.getInputStream());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String firstLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int each = in.read(); each >= 0 && each != '\n'; each = in.read()) {
      line.append((char) each);
    }
    return line.toString();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static HttpResponse<String> create(String name, String data) throws Exception {
    Obj map =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "ConfigMap",
            "metadata",
            Obj.of("name", name),
            "data",
            Obj.of("a", data));
    return client.send(
        request(CONFIG_MAPS).POST(BodyPublishers.ofByteArray(Json.write(map))).build(),
        BodyHandlers.ofString());
  }

  @Test
  void closesAWatcherThatDoesNotRead() throws Exception {
    GroupResource maps = new GroupResource("", "configmaps");
    ObjectKey key = new ObjectKey("default", "watched");
    assertThat(create("watched", "x").statusCode()).isEqualTo(201);
    String large = "x".repeat(50_000);
    try (SSLSocket slow = connect()) {
      slow.getOutputStream().write(head("GET", CONFIG_MAPS + "?watch=true", 0));
      slow.getOutputStream().flush();
      assertThat(firstLine(slow.getInputStream())).contains("200");
      for (int i = 0; i < 2 * WatchStream.MAX_PENDING; i++) {
        Obj map = server.objects.get(maps, key);
        server.objects.update(maps, map.withAt(Obj.of("a", large + i), "data"));
      }
      // What lies in buffers on the way is less than what was told: the rest never came.
      long read = 0;
      try {
        byte[] buffer = new byte[64 * 1024];
        for (int n = slow.getInputStream().read(buffer); n >= 0; ) {
          read += n;
          n = slow.getInputStream().read(buffer);
        }
      } catch (IOException e) {
        assertThat(e).isNotNull(); // reset: closed all the same
      }
      assertThat(read).isLessThan((long) WatchStream.MAX_PENDING * large.length());
    }
  }

  @Test
  void sendsALongListInPieces() throws Exception {
    for (int i = 0; i < 150; i++) {
      assertThat(create("many-" + i, "y".repeat(2000)).statusCode()).isEqualTo(201);
    }
    HttpResponse<String> plain = get(CONFIG_MAPS);
    assertThat(plain.headers().firstValue("content-length")).isEmpty();
    int count = Json.read(plain.body()).objs("items").size();
    assertThat(count).isGreaterThanOrEqualTo(150);
    HttpResponse<InputStream> packed =
        client.send(
            request(CONFIG_MAPS).header("accept-encoding", "gzip").build(),
            BodyHandlers.ofInputStream());
    assertThat(packed.headers().firstValue("content-encoding")).hasValue("gzip");
    try (InputStream in = new GZIPInputStream(packed.body())) {
      assertThat(Json.read(in.readAllBytes()).objs("items")).hasSizeGreaterThanOrEqualTo(150);
    }
    HttpResponse<Void> head =
        client.send(request(CONFIG_MAPS).HEAD().build(), BodyHandlers.discarding());
    assertThat(head.statusCode()).isEqualTo(200);
    HttpResponse<String> limited = get(CONFIG_MAPS + "?limit=120");
    assertThat(Json.read(limited.body()).objs("items")).hasSize(120);
    assertThat(Json.read(limited.body()).obj("metadata").string("continue")).isNotEmpty();
  }

  private static EmbeddedChannel handler() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(
            new RequestHandler(
                (_, _, _) -> {
                  throw new IllegalStateException("nothing is whole here");
                },
                new BodyBudget()));
    return channel;
  }

  @Test
  void closesAConnectionThatSaysNothing() {
    EmbeddedChannel channel = handler();
    channel.advanceTimeBy(RequestHandler.ARRIVAL_TIMEOUT.toSeconds() - 1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void givesUpOnABodyThatStops() {
    EmbeddedChannel channel = handler();
    DefaultHttpRequest head =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, CONFIG_MAPS);
    head.headers().set("content-length", 100);
    channel.writeInbound(head, new DefaultHttpContent(Unpooled.copiedBuffer("{", UTF_8)));
    channel.advanceTimeBy(RequestHandler.ARRIVAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
    FullHttpResponse answer = channel.readOutbound();
    assertThat(answer.status().code()).isEqualTo(504);
    ByteBuf body = answer.content();
    assertThat(Json.read(body.toString(UTF_8)).string("kind")).isEqualTo("Status");
    answer.release();
    assertThat(channel.isOpen()).isFalse();
  }
}
