package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Watches on the wire: every encoding, and what happens to those that come back. */
@Timeout(120)
class WatchTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  private static HttpClient client(TestServer server) throws Exception {
    return HttpClient.newBuilder().sslContext(server.administratorTls()).build();
  }

  private static HttpRequest.Builder request(TestServer server, String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static String create(TestServer server, HttpClient client, String name) throws Exception {
    Obj map = Obj.of("metadata", Obj.of("name", name));
    HttpResponse<byte[]> made =
        client.send(
            request(server, MAPS).POST(BodyPublishers.ofByteArray(Json.write(map))).build(),
            BodyHandlers.ofByteArray());
    assertThat(made.statusCode()).isEqualTo(201);
    return Json.read(made.body()).obj("metadata").string("resourceVersion");
  }

  private static BufferedReader watch(TestServer server, HttpClient client, String query)
      throws Exception {
    return lines(server, client, MAPS + "?watch=true" + query);
  }

  private static BufferedReader lines(TestServer server, HttpClient client, String path)
      throws Exception {
    HttpResponse<InputStream> response =
        client.send(request(server, path).build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
  }

  private static String next(BufferedReader lines) throws IOException {
    Obj event = Json.read(lines.readLine());
    return event.string("type") + " " + event.at("object", "metadata").string("name");
  }

  @Test
  void goesOnFromItsRevisionAfterTheMasterStartsAgain(@TempDir Path directory) throws Exception {
    String first;
    try (TestServer server = open(directory);
        HttpClient client = client(server)) {
      first = create(server, client, "before-1");
      create(server, client, "before-2");
      create(server, client, "before-3");
    }
    try (TestServer server = open(directory);
        HttpClient client = client(server);
        BufferedReader lines = watch(server, client, "&resourceVersion=" + first)) {
      assertThat(next(lines)).isEqualTo("ADDED before-2");
      assertThat(next(lines)).isEqualTo("ADDED before-3");
      String later = create(server, client, "after");
      assertThat(Long.parseLong(later)).isGreaterThan(Long.parseLong(first));
      assertThat(next(lines)).isEqualTo("ADDED after");
    }
  }

  private static TestServer open(Path directory) throws IOException {
    return new TestServer(
        directory, DiskStore.open(directory.resolve("store"), StoreOptions.defaults()));
  }

  @Test
  void tellsThatARevisionIsGone(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      String first = create(server, client, "a");
      String last = "";
      for (int i = 0; i < 1000; i++) {
        last = create(server, client, "b" + i);
      }
      server.store.compact(new Revision(Long.parseLong(last)));
      try (BufferedReader lines = watch(server, client, "&resourceVersion=" + first)) {
        Obj event = Json.read(lines.readLine());
        assertThat(event.string("type")).isEqualTo("ERROR");
        assertThat(event.obj("object").number("code", 0)).isEqualTo(410);
        assertThat(event.obj("object").string("reason")).isEqualTo("Expired");
      }
    }
  }

  @Test
  void leavesOutWhatThereIsWhereTheClientWantsNone(@TempDir Path directory) throws Exception {
    String streaming = "&resourceVersionMatch=NotOlderThan&timeoutSeconds=60&sendInitialEvents=";
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "a");
      try (BufferedReader none = watch(server, client, streaming + "false");
          BufferedReader all = watch(server, client, streaming + "true&allowWatchBookmarks=true");
          BufferedReader unmarked = watch(server, client, streaming + "true")) {
        assertThat(next(unmarked)).isEqualTo("ADDED a");
        create(server, client, "b");
        assertThat(next(unmarked)).as("no bookmark unless it is wanted").isEqualTo("ADDED b");
        assertThat(next(none)).isEqualTo("ADDED b");
        Obj event = Json.read(all.readLine());
        while (!event.string("type").equals("BOOKMARK")) {
          assertThat(event.string("type")).isEqualTo("ADDED");
          event = Json.read(all.readLine());
        }
        assertThat(
                event.at("object", "metadata", "annotations").string("k8s.io/initial-events-end"))
            .isEqualTo("true");
        assertThat(next(all)).isEqualTo("ADDED b");
      }
    }
  }

  @Test
  void watchesByTheOldPaths(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "a");
      create(server, client, "b");
      String old = "/api/v1/watch/namespaces/default/configmaps";
      try (BufferedReader one = lines(server, client, old + "/b?timeoutSeconds=60");
          BufferedReader all = lines(server, client, old)) {
        assertThat(next(one)).isEqualTo("ADDED b");
        assertThat(next(all)).isEqualTo("ADDED a");
      }
    }
  }

  @Test
  void marksHowFarItIsBeforeItEnds(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server);
        BufferedReader lines =
            watch(
                server,
                client,
                "&resourceVersion="
                    + create(server, client, "a")
                    + "&allowWatchBookmarks=true&timeoutSeconds=3")) {
      Obj event = Json.read(lines.readLine());
      assertThat(event.string("type")).isEqualTo("BOOKMARK");
      assertThat(event.at("object", "metadata").string("resourceVersion")).isNotEmpty();
      assertThat(event.obj("object").string("kind")).isEqualTo("ConfigMap");
      String line = lines.readLine();
      while (line != null) {
        line = lines.readLine(); // until the time is over
      }
    }
  }

  @Test
  void speaksProtobuf(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "framed");
      HttpResponse<InputStream> response =
          client.send(
              request(server, MAPS + "?watch=true")
                  .header("accept", KubernetesProtobuf.CONTENT_TYPE)
                  .build(),
              BodyHandlers.ofInputStream());
      assertThat(response.headers().firstValue("content-type"))
          .hasValue(KubernetesProtobuf.WATCH_CONTENT_TYPE);
      try (DataInputStream in = new DataInputStream(response.body())) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        String text = new String(frame, ISO_8859_1);
        assertThat(text).contains("ADDED", "k8s\0", "ConfigMap", "framed");
      }
    }
  }

  @Test
  void tellsStatusesInProtobuf(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "gone");
      for (String name : new String[] {"gone", "absent"}) {
        HttpResponse<byte[]> response =
            client.send(
                request(server, MAPS + "/" + name)
                    .header("accept", KubernetesProtobuf.CONTENT_TYPE + ",application/json")
                    .DELETE()
                    .build(),
                BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("content-type"))
            .hasValue(KubernetesProtobuf.CONTENT_TYPE);
        Obj status = KubernetesProtobuf.decode(response.body());
        assertThat(status.string("kind")).isEqualTo("Status");
        assertThat(status.string("status")).isEqualTo(name.equals("gone") ? "Success" : "Failure");
        assertThat(status.obj("details").string("name")).isEqualTo(name);
      }
    }
  }

  @Test
  void showsRowsOfATable(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "one");
      create(server, client, "two");
      HttpResponse<InputStream> response =
          client.send(
              request(server, MAPS + "?watch=true&includeObject=None")
                  .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                  .build(),
              BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
        Obj first = Json.read(lines.readLine()).obj("object");
        Obj second = Json.read(lines.readLine()).obj("object");
        assertThat(first.string("kind")).isEqualTo("Table");
        assertThat(first.objs("columnDefinitions")).isNotEmpty();
        assertThat(second.objs("columnDefinitions")).isEmpty();
        assertThat(second.objs("rows")).hasSize(1);
      }
    }
  }

  @Test
  void speaksWebSocket(@TempDir Path directory) throws Exception {
    try (TestServer server = new TestServer(directory);
        HttpClient client = client(server)) {
      create(server, client, "socketed");
      BlockingQueue<String> messages = new LinkedBlockingQueue<>();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(server.url().replace("https", "wss") + MAPS + "?watch=true"),
                  new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                        WebSocket from, CharSequence data, boolean last) {
                      messages.add(data.toString());
                      return WebSocket.Listener.super.onText(from, data, last);
                    }
                  })
              .join();
      String first = messages.poll(60, TimeUnit.SECONDS);
      assertThat(first).isNotNull().contains("ADDED", "socketed");
      socket.abort();
    }
  }
}
