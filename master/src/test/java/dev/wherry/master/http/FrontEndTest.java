package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.Credential;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The front end over real TLS with the JDK's client, HTTP/1.1 and HTTP/2. */
class FrontEndTest {
  private static TestServer server;
  private static Path data;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    data = directory;
    server = new TestServer(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static HttpClient client(HttpClient.Version version, SSLContext tls) {
    return HttpClient.newBuilder().version(version).sslContext(tls).build();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static Obj body(HttpResponse<String> response) {
    return Json.read(response.body());
  }

  private static String configMap(String name) {
    return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\""
        + name
        + "\"}}";
  }

  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  @ParameterizedTest
  @CsvSource({
    "configmaps,PATCH,ConfigMap,201,200",
    "endpoints,PUT,Endpoints,201,200",
  })
  void answersCreatedWhereAnApplyOrUpdateCreates(
      String resource, String method, String kind, int first, int second) throws Exception {
    String path = "/api/v1/namespaces/default/" + resource + "/made?fieldManager=me";
    String object = configMap("made").replace("ConfigMap", kind);
    String type = method.equals("PATCH") ? "application/apply-patch+yaml" : "application/json";
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      for (int expected : List.of(first, second)) {
        HttpRequest put =
            request(path)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(object))
                .build();
        assertThat(client.send(put, BodyHandlers.ofString()).statusCode()).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void servesObjectsAndWatches(HttpClient.Version version) throws Exception {
    try (HttpClient client = client(version, server.administratorTls())) {
      String name = version.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
      HttpResponse<String> created =
          client.send(
              request(CONFIG_MAPS).POST(BodyPublishers.ofString(configMap(name))).build(),
              BodyHandlers.ofString());
      assertThat(created.version()).isEqualTo(version);
      assertThat(created.statusCode()).isEqualTo(201);
      String revision = body(created).obj("metadata").string("resourceVersion");
      HttpResponse<InputStream> watch =
          client.send(
              request(CONFIG_MAPS + "?watch=true&resourceVersion=" + revision).build(),
              BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
        HttpResponse<String> deleted =
            client.send(
                request(CONFIG_MAPS + "/" + name).DELETE().build(), BodyHandlers.ofString());
        assertThat(body(deleted).string("status")).isEqualTo("Success");
        Obj event = Json.read(lines.readLine());
        assertThat(event.string("type")).isEqualTo("DELETED");
        assertThat(event.at("object", "metadata").string("name")).isEqualTo(name);
      }
    }
  }

  @Test
  void beginsAWatchWithWhatThereIsAndAMark() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      HttpResponse<InputStream> watch =
          client.send(
              request(
                      "/api/v1/namespaces?watch=true&sendInitialEvents=true"
                          + "&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
                  .build(),
              BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
        Obj event = Json.read(lines.readLine());
        int added = 0;
        while (event.string("type").equals("ADDED")) {
          added++;
          event = Json.read(lines.readLine());
        }
        assertThat(added).isEqualTo(4);
        assertThat(event.string("type")).isEqualTo("BOOKMARK");
        assertThat(event.obj("object").string("kind")).isEqualTo("Namespace");
        assertThat(
                event.at("object", "metadata", "annotations").string("k8s.io/initial-events-end"))
            .isEqualTo("true");
      }
    }
  }

  @Test
  void endsAWatchWhenItsTimeIsOver() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      HttpResponse<String> watch =
          client.send(
              request("/api/v1/nodes?watch=true&timeoutSeconds=1").build(),
              BodyHandlers.ofString());
      assertThat(watch.statusCode()).isEqualTo(200);
      assertThat(watch.body()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /api/v1/unknown,                          404, NotFound",
    "GET,    /nothing,                                 404, NotFound",
    "GET,    /api/v1/namespaces/default/pods/absent,   404, NotFound",
    "PUT,    /api/v1/namespaces/default/pods,          405, MethodNotAllowed",
    "POST,   /version,                                 405, MethodNotAllowed",
    "GET,    /api/v1/pods?limit=many,                  400, BadRequest",
    "GET,    /api/v1/pods?labelSelector=a%20b%20c,     400, BadRequest",
    "GET,    /api/v1/pods?fieldSelector=spec.none=x,   400, BadRequest",
    "POST,   /api/v1/namespaces,                       400, BadRequest",
    "PATCH,  /api/v1/nodes/absent,                     415, UnsupportedMediaType",
    "GET,    /api/v1/namespaces/default/pods/p/exec,   404, NotFound",
  })
  void tellsErrorsAsStatus(String method, String path, int code, String reason) throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_2, server.administratorTls())) {
      HttpResponse<String> response =
          client.send(
              request(path).method(method, BodyPublishers.noBody()).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
      Obj status = body(response);
      assertThat(status.string("kind")).isEqualTo("Status");
      assertThat(status.string("reason")).isEqualTo(reason);
      assertThat(status.number("code", 0)).isEqualTo(code);
    }
  }

  @Test
  void refusesABodyThatIsTooLarge() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      HttpResponse<String> response =
          client.send(
              request(CONFIG_MAPS)
                  .expectContinue(true)
                  .POST(BodyPublishers.ofByteArray(new byte[RequestHandler.MAX_BODY_BYTES + 1]))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(413);
      assertThat(body(response).string("reason")).isEqualTo("RequestEntityTooLarge");
    }
  }

  @Test
  void letsNobodyInWithoutACertificate() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.anonymousTls())) {
      assertThat(client.send(request("/healthz").build(), BodyHandlers.ofString()).body())
          .isEqualTo("ok");
      HttpResponse<String> refused =
          client.send(request("/api/v1/nodes").build(), BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(body(refused).string("message")).contains("system:anonymous");
      HttpResponse<String> token =
          client.send(
              request("/api/v1/nodes").header("authorization", "Bearer none").build(),
              BodyHandlers.ofString());
      assertThat(token.statusCode()).isEqualTo(401);
    }
  }

  @Test
  void refusesACertificateOfAnotherAuthority(@TempDir Path elsewhere) throws Exception {
    CertificateAuthority stranger = CertificateAuthority.open(elsewhere, InstantSource.system());
    Credential forged = stranger.administrator();
    try (HttpClient client =
        client(HttpClient.Version.HTTP_1_1, server.tls(TestServer.keys(forged, stranger)))) {
      HttpResponse<String> response =
          client.send(request("/api/v1/nodes").build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(401);
    }
  }

  @Test
  void showsMetadataAlone() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_2, server.administratorTls())) {
      HttpResponse<String> response =
          client.send(
              request("/api/v1/namespaces")
                  .header(
                      "accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
                  .build(),
              BodyHandlers.ofString());
      Obj list = body(response);
      assertThat(list.string("kind")).isEqualTo("PartialObjectMetadataList");
      assertThat(list.objs("items").getFirst().has("spec")).isFalse();
    }
  }

  @Test
  void warnsOfAFieldThatNobodyKnows() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      HttpResponse<String> response =
          client.send(
              request(CONFIG_MAPS + "?fieldValidation=Warn&dryRun=All")
                  .POST(
                      BodyPublishers.ofString(
                          "{\"metadata\":{\"name\":\"odd\"},\"datum\":1,\"data\":{},\"data\":{}}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(201);
      assertThat(response.headers().allValues("warning"))
          .contains(
              "299 - \"unknown field \\\"datum\\\"\"", "299 - \"duplicate field \\\"data\\\"\"");
    }
  }

  @Test
  void readsYaml() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1, server.administratorTls())) {
      HttpResponse<String> response =
          client.send(
              request(CONFIG_MAPS + "?dryRun=All")
                  .header("content-type", "application/yaml")
                  .POST(BodyPublishers.ofString("metadata:\n  name: yaml\ndata:\n  a: 'b'\n"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
      assertThat(body(response).obj("data").string("a")).isEqualTo("b");
    }
  }

  @Test
  void saysWhatIsWrongWithItsHealth() throws Exception {
    HealthCheck check =
        new HealthCheck("store", HealthCheck.Scope.READY, () -> Optional.of("not open"));
    Health health = new Health(List.of(check));
    Query verbose = new Query(java.util.Map.of("verbose", List.of("")));
    Answer answer = health.answer("readyz", "", verbose);
    assertThat(answer.code()).isEqualTo(500);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo("[+]ping ok\n[-]store failed: not open\nreadyz check failed\n");
    assertThat(health.answer("livez", "", verbose).code()).isEqualTo(200);
    assertThat(health.answer("readyz", "store", verbose).code()).isEqualTo(500);
  }

  @Test
  void saysWhichPortIsTaken() {
    HttpOptions options =
        new HttpOptions(
            InetAddress.getLoopbackAddress(),
            server.frontEnd.port(),
            server.authority,
            server.frontProxies,
            server.names,
            data.resolve("openapi"));
    assertThatThrownBy(
            () -> HttpFrontEnd.start(options, server.entrance, server.connector, List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:" + server.frontEnd.port());
  }
}
