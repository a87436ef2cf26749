package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels over WebSockets, byte by byte. */
@Timeout(120)
class StreamTest {
  private static final int ROUNDS_OF_REFUSAL = 3;
  private static final String POD = "/api/v1/namespaces/default/pods/p/";

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

  /** A client that gathers what each channel says. */
  private static final class Channels implements WebSocket.Listener {
    private final List<ByteArrayOutputStream> heard = new ArrayList<>();
    private final BlockingQueue<Integer> messages = new LinkedBlockingQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    final WebSocket socket;

    Channels(String path, String protocol) {
      for (int i = 0; i < 8; i++) {
        heard.add(new ByteArrayOutputStream());
      }
      socket =
          client
              .newWebSocketBuilder()
              .subprotocols(protocol)
              .buildAsync(URI.create(server.url().replace("https", "wss") + path), this)
              .join();
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      message.writeBytes(bytes);
      if (last) {
        byte[] whole = message.toByteArray();
        message.reset();
        heard.get(whole[0]).write(whole, 1, whole.length - 1);
        messages.add((int) whole[0]);
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      end.countDown();
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      end.countDown();
    }

    void say(int channel, String text) {
      byte[] bytes = text.getBytes(UTF_8);
      ByteBuffer message = ByteBuffer.allocate(bytes.length + 1).put((byte) channel).put(bytes);
      socket.sendBinary(message.flip(), true).join();
    }

    String heard(int channel) {
      return heard.get(channel).toString(UTF_8);
    }

    void awaitMessage(int channel) throws InterruptedException {
      Integer next = messages.poll(60, TimeUnit.SECONDS);
      while (next != null && next != channel) {
        next = messages.poll(60, TimeUnit.SECONDS);
      }
      assertThat(next).isEqualTo(channel);
    }

    void awaitEnd() throws InterruptedException {
      assertThat(end.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v4.channel.k8s.io", "v5.channel.k8s.io"})
  void tellsOutputsAndExitCode(String protocol) throws Exception {
    Channels channels =
        new Channels(
            POD
                + "exec?stdout=true&stderr=true&command=sh&command=-c"
                + "&command=echo%20out;%20echo%20err%20%3E%262;%20exit%203",
            protocol);
    assertThat(channels.socket.getSubprotocol()).isEqualTo(protocol);
    channels.awaitEnd();
    assertThat(channels.heard(1)).isEqualTo("out\n");
    assertThat(channels.heard(2)).isEqualTo("err\n");
    Obj status = Json.read(channels.heard(3));
    assertThat(status.string("reason")).isEqualTo("NonZeroExitCode");
    assertThat(status.obj("details").objs("causes").getFirst().string("message")).isEqualTo("3");
  }

  @Test
  void endsTheInputInVersionFive() throws Exception {
    Channels channels =
        new Channels(POD + "exec?stdin=true&stdout=true&command=cat", "v5.channel.k8s.io");
    channels.say(0, "typed");
    channels.socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true).join();
    channels.awaitEnd();
    assertThat(channels.heard(1)).isEqualTo("typed");
    assertThat(Json.read(channels.heard(3)).string("status")).isEqualTo("Success");
  }

  @Test
  void takesSizesOfATerminalWhileAttached() throws Exception {
    Channels channels =
        new Channels(POD + "attach?stdin=true&stdout=true&tty=true", "v5.channel.k8s.io");
    channels.say(4, "{\"Width\":120,\"Height\":40}");
    channels.say(4, "{\"Width\":80,"); // in pieces
    channels.say(4, "\"Height\":24}");
    assertThat(server.connector.resizes.poll(60, TimeUnit.SECONDS)).isEqualTo("120x40");
    assertThat(server.connector.resizes.poll(60, TimeUnit.SECONDS)).isEqualTo("80x24");
    channels.say(0, "seen\n");
    while (!channels.heard(1).contains("seen\n")) {
      channels.awaitMessage(1);
    }
    channels.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    assertThat(server.connector.closed.poll(60, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void endsTheProcessOfAClientThatGoes() throws Exception {
    String mark = "sleep 3131";
    Channels channels =
        new Channels(POD + "exec?stdout=true&command=sleep&command=3131", "v5.channel.k8s.io");
    channels.socket.abort();
    String closed = server.connector.closed.poll(60, TimeUnit.SECONDS);
    while (closed != null && !closed.equals(mark)) {
      closed = server.connector.closed.poll(60, TimeUnit.SECONDS);
    }
    assertThat(closed).isEqualTo(mark);
  }

  @Test
  void servesManyAtOnce() throws Exception {
    List<Channels> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(new Channels(POD + "exec?stdin=true&stdout=true&command=cat", "v5.channel.k8s.io"));
    }
    for (int i = 0; i < all.size(); i++) {
      all.get(i).say(0, "number " + i);
      all.get(i).socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true).join();
    }
    for (int i = 0; i < all.size(); i++) {
      all.get(i).awaitEnd();
      assertThat(all.get(i).heard(1)).isEqualTo("number " + i);
    }
  }

  @Test
  void forwardsAPortInChannels() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      int port = listener.getLocalPort();
      Channels channels = new Channels(POD + "portforward?ports=" + port, "v4.channel.k8s.io");
      try (Socket peer = listener.accept()) {
        channels.say(0, "ping");
        assertThat(peer.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("ping");
        peer.getOutputStream().write("pong".getBytes(UTF_8));
      }
      channels.awaitEnd();
      byte[] data = channels.heard.get(0).toByteArray();
      assertThat((data[0] & 0xff) | (data[1] & 0xff) << 8).isEqualTo(port);
      assertThat(new String(data, 2, data.length - 2, UTF_8)).isEqualTo("pong");
      assertThat(channels.heard.get(1).toByteArray()).hasSize(2);
    }
  }

  @Test
  void saysWhyAPortIsNotForwarded() throws Exception {
    Channels channels = new Channels(POD + "portforward?ports=1", "v4.channel.k8s.io");
    channels.awaitEnd();
    assertThat(channels.heard(1)).contains("error forwarding port 1 to pod p");
  }

  @ParameterizedTest
  @CsvSource({
    "portforward?ports=0,             v4.channel.k8s.io",
    "portforward?ports=80%2Cx,        v4.channel.k8s.io",
    "portforward,                     v4.channel.k8s.io",
    "portforward?ports=80,            v9.channel.k8s.io",
    "exec?stdout=true&command=true,   v9.channel.k8s.io",
    "exec?stdout=true,                v5.channel.k8s.io",
    "exec?command=true,               v5.channel.k8s.io",
    "exec?stdout=true&command=a&container=absent, v5.channel.k8s.io",
  })
  void refusesBeforeTheUpgrade(String path, String protocol) {
    assertThatThrownBy(() -> new Channels(POD + path, protocol))
        .hasCauseInstanceOf(java.net.http.WebSocketHandshakeException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  exec?stdout=true&command=true,       400",
    "PUT,  exec?stdout=true&command=true,       405",
    "GET,  portforward?ports=80,                400",
    "POST, log,                                 405",
    "GET,  log?tailLines=-1,                    422",
    "GET,  log?limitBytes=0,                    422",
    "GET,  log?sinceSeconds=0,                  422",
    "GET,  log?sinceSeconds=1&sinceTime=2024-01-01T00:00:00Z, 422",
    "GET,  log?sinceTime=yesterday,             400",
    "GET,  log?tailLines=many,                  400",
  })
  void refusesWhatMakesNoSense(String method, String path, int code) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.url() + POD + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    assertThat(Json.read(response.body()).string("kind")).isEqualTo("Status");
  }

  @Test
  void passesEveryOptionOfALogOn() throws Exception {
    server.connector.logRequests.clear();
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        server.url()
                            + POD
                            + "log?container=c&previous=true&timestamps=true&tailLines=5"
                            + "&limitBytes=100&sinceTime=2024-01-01T00:00:00Z"))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    var asked = server.connector.logRequests.take();
    assertThat(asked.container()).isEqualTo("c");
    assertThat(asked.previous()).isTrue();
    assertThat(asked.timestamps()).isTrue();
    assertThat(asked.tailLines()).hasValue(5);
    assertThat(asked.limitBytes()).hasValue(100);
    assertThat(asked.sinceTime()).isEqualTo("2024-01-01T00:00:00Z");
  }

  /** One that goes on for longer than a connection has numbers of streams to give at a time. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void forwardsMoreConnectionsThanMayBeOpenAtOnce(String webSockets) throws Exception {
    server.environment.put("KUBECTL_PORT_FORWARD_WEBSOCKETS", webSockets);
    try (ServerSocket echo = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Process forward =
          server
              .command(List.of("port-forward", "pod/p", ":" + echo.getLocalPort()))
              .redirectErrorStream(true)
              .start();
      try (var out = forward.inputReader(UTF_8)) {
        int local = forwarded(out);
        for (int i = 0; i < SpdyConnection.MAX_STREAMS / 2 + 10; i++) {
          exchange(local, echo);
        }
      } finally {
        forward.destroy();
      }
    }
  }

  /** kubectl takes plain SPDY where this fails: it has to be asked for by itself. */
  @Test
  void speaksSpdyInsideAWebSocket() throws Exception {
    byte[] ping = {(byte) 0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1};
    byte[] masked = {(byte) 0x82, (byte) (0x80 | ping.length), 0, 0, 0, 0};
    try (Socket socket =
        server
            .administratorTls()
            .getSocketFactory()
            .createSocket("127.0.0.1", server.frontEnd.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          """
          GET /api/v1/namespaces/default/pods/p/portforward HTTP/1.1
          Host: test
          Connection: Upgrade
          Upgrade: websocket
          Sec-WebSocket-Version: 13
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
          Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io

          """
              .replace("\n", "\r\n")
              .getBytes(UTF_8));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(head(in))
          .startsWith("http/1.1 101 ")
          .contains("sec-websocket-protocol: spdy/3.1+portforward.k8s.io");
      out.write(masked);
      out.write(ping);
      byte[] frame = frame(in);
      while (!Arrays.equals(frame, ping)) { // settings may come first
        frame = frame(in);
      }
    }
  }

  private static String head(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString().toLowerCase(Locale.ROOT);
  }

  /** The payload of a short frame of a WebSocket. */
  private static byte[] frame(DataInputStream in) throws IOException {
    assertThat(in.readUnsignedByte()).isEqualTo(0x82); // binary and whole
    byte[] payload = new byte[in.readUnsignedByte()];
    in.readFully(payload);
    return payload;
  }

  /** The error goes by a stream of its own, which ends when the one of the bytes has ended. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void tellsThatAPortRefuses(String webSockets) throws Exception {
    server.environment.put("KUBECTL_PORT_FORWARD_WEBSOCKETS", webSockets);
    for (int i = 0; i < ROUNDS_OF_REFUSAL; i++) {
      Process forward =
          server.command(List.of("port-forward", "pod/p", ":1")).redirectErrorStream(true).start();
      try (var out = forward.inputReader(UTF_8)) {
        int local = forwarded(out);
        try (Socket one = new Socket("127.0.0.1", local)) {
          one.getOutputStream().write('x');
          String line = out.readLine();
          while (line != null && !line.contains("an error occurred forwarding")) {
            line = out.readLine();
          }
          assertThat(line).isNotNull().contains(local + " -> 1");
        }
      } finally {
        forward.destroy();
      }
    }
  }

  /** The local port, once kubectl has said it. */
  private static int forwarded(BufferedReader out) throws IOException {
    String line = out.readLine();
    while (line != null && !line.startsWith("Forwarding from 127.0.0.1:")) {
      line = out.readLine();
    }
    assertThat(line).isNotNull();
    return Integer.parseInt(line.substring(26, line.indexOf(' ', 26)));
  }

  private static void exchange(int local, ServerSocket echo) throws IOException {
    try (Socket one = new Socket("127.0.0.1", local);
        Socket served = echo.accept()) {
      one.getOutputStream().write('x');
      assertThat(served.getInputStream().read()).isEqualTo('x');
      served.getOutputStream().write('y');
      served.shutdownOutput();
      assertThat(one.getInputStream().readAllBytes()).isEqualTo(new byte[] {'y'});
    }
  }
}
