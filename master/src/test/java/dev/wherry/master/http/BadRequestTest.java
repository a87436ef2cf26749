package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of bad input for each parser: every one gets a {@code Status} with the right code. */
@Timeout(120)
class BadRequestTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  private static TestServer server;
  private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    client = HttpClient.newBuilder().sslContext(server.administratorTls()).build();
    HttpResponse<String> there =
        send(
            "POST",
            CONFIG_MAPS,
            "application/json",
            "{\"metadata\":{\"name\":\"there\"},\"data\":{\"a\":\"b\"}}".getBytes(UTF_8));
    assertThat(there.statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  @AfterEach
  void servesOn() throws Exception {
    assertThat(send("GET", "/healthz", "", new byte[0]).body()).isEqualTo("ok");
  }

  private static HttpResponse<String> send(String method, String path, String type, byte[] body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, BodyPublishers.ofByteArray(body));
    if (!type.isEmpty()) {
      request.header("content-type", type);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static void refused(HttpResponse<String> response, int code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    Obj status = Json.read(response.body());
    assertThat(status.string("kind")).isEqualTo("Status");
    assertThat(status.string("status")).isEqualTo("Failure");
    assertThat(status.number("code", 0)).isEqualTo(code);
    assertThat(status.string("message")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 | {
          400 | [1, 2]
          400 | "text"
          400 | nonsense
          400 | {"a": 1,}
          400 | {"metadata": {"name": "x"}} trailing
          400 | {"metadata": {"name": "x"}, "data": {"a": 01}}
          400 | {"metadata": {"name": "x"}, "data": {"a": NaN}}
          400 | {"metadata": {"name": "\\ud800
          400 | {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}}
          400 | {"kind": "ConfigMap", "apiVersion": "v2", "metadata": {"name": "x"}}
          400 | {"metadata": {"name": "x", "namespace": "other"}}
          400 | {"metadata": "text"}
          400 | {"metadata": {"name": 7}}
          400 | {"metadata": {"name": "x", "labels": {"a": 1}}}
          400 | {"metadata": {"name": "x"}, "data": {"a": {}}}
          400 | {"metadata": {"name": "x"}, "data": []}
          422 | {"metadata": {"name": "NOT_A_NAME"}}
          422 | {"metadata": {}}
          422 | {"metadata": {"name": "x", "labels": {"-": "y"}}}
          422 | {"metadata": {"name": "x"}, "data": {"../a": "b"}}
          409 | {"metadata": {"name": "there"}}
          """)
  void refusesBodies(int code, String body) throws Exception {
    refused(send("POST", CONFIG_MAPS, "application/json", body.getBytes(UTF_8)), code);
  }

  @Test
  void refusesWhatIsTooDeep() throws Exception {
    String deep = "{\"data\":" + "[".repeat(100_000);
    refused(send("POST", CONFIG_MAPS, "application/json", deep.getBytes(UTF_8)), 400);
    String yaml = "data: " + "[".repeat(100_000);
    refused(send("POST", CONFIG_MAPS, "application/yaml", yaml.getBytes(UTF_8)), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: [",
        "- 1",
        "\tx: 1",
        "a: &x [1]\nb: *y",
        "? {x: 1}\n: 2",
        "!!java.net.URL [x]",
        "a: !!binary x",
        "{",
        "just text"
      })
  void refusesYaml(String body) throws Exception {
    refused(send("POST", CONFIG_MAPS, "application/yaml", body.getBytes(UTF_8)), 400);
  }

  @Test
  void refusesYamlThatUnfoldsWithoutEnd() throws Exception {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    refused(send("POST", CONFIG_MAPS, "application/yaml", bomb.toString().getBytes(UTF_8)), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "k8s",
        "k8s\0",
        "k8s\0\012",
        "k8s\0\012\177",
        "k8s\0\377\377\377\377\377\377\377\377\377\377\377",
        "K8S\0\0",
      })
  void refusesProtobuf(String body) throws Exception {
    refused(send("POST", CONFIG_MAPS, PROTOBUF, body.getBytes(ISO_8859_1)), 400);
  }

  @Test
  void refusesRandomBytesOfEverySort() throws Exception {
    long seed = 20261121;
    Random random = new Random(seed);
    for (int i = 0; i < 150; i++) {
      byte[] body = new byte[1 + random.nextInt(200)];
      random.nextBytes(body);
      byte[] magic = "k8s\0".getBytes(UTF_8);
      System.arraycopy(magic, 0, body, 0, Math.min(magic.length, body.length));
      assertThat(send("POST", CONFIG_MAPS, PROTOBUF, body).statusCode())
          .as("seed " + seed + ", body " + i)
          .isBetween(400, 422);
      random.nextBytes(body);
      body[0] = '{';
      refused(send("POST", CONFIG_MAPS, "application/json", body), 400);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 | application/json-patch+json            | {
          400 | application/json-patch+json            | {"op": "add"}
          422 | application/json-patch+json            | [{"op": "jump", "path": "/data"}]
          422 | application/json-patch+json            | [{"op": "add"}]
          422 | application/json-patch+json            | [{"op": "remove", "path": "/data/none"}]
          422 | application/json-patch+json            | [{"op": "test", "path": "/data/a", "value": "c"}]
          400 | application/merge-patch+json           | [
          400 | application/merge-patch+json           | [1]
          422 | application/merge-patch+json           | {"data": 7}
          400 | application/strategic-merge-patch+json | {
          400 | application/strategic-merge-patch+json | "x"
          422 | application/apply-patch+yaml           | {"apiVersion":"v1","kind":"ConfigMap"}
          400 | application/apply-patch+yaml           | a: [
          415 | application/json                       | {}
          415 | text/plain                             | x
          """)
  void refusesPatches(int code, String type, String body) throws Exception {
    HttpResponse<String> response =
        send("PATCH", CONFIG_MAPS + "/there", type, body.getBytes(UTF_8));
    refused(response, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /api/v1/configmaps?limit=some                                       | 400
          GET    | /api/v1/configmaps?limit=99999999999999999999                       | 400
          GET    | /api/v1/configmaps?continue=nonsense                                | 400
          GET    | /api/v1/configmaps?resourceVersion=x                                | 400
          GET    | /api/v1/configmaps?resourceVersion=-1                               | 400
          GET    | /api/v1/configmaps?labelSelector=a%20in%20(                         | 400
          GET    | /api/v1/configmaps?labelSelector=%3D%3D                             | 400
          GET    | /api/v1/configmaps?fieldSelector=spec.x%3D1                         | 400
          GET    | /api/v1/configmaps?fieldSelector=metadata.name                      | 400
          GET    | /api/v1/configmaps?resourceVersionMatch=Exact                       | 422
          GET    | /api/v1/configmaps?sendInitialEvents=true                           | 422
          GET    | /api/v1/configmaps?watch=true&resourceVersion=x                     | 400
          GET    | /api/v1/configmaps?watch=true&timeoutSeconds=x                      | 400
          GET    | /api/v1/configmaps?watch=true&sendInitialEvents=true                | 422
          GET    | /api/v1/configmaps?watch=true&resourceVersionMatch=NotOlderThan     | 422
          POST   | /api/v1/namespaces/default/configmaps?dryRun=Some                   | 422
          POST   | /api/v1/namespaces/default/configmaps?fieldValidation=Some          | 422
          POST   | /api/v1/namespaces/default/configmaps?fieldManager=a%00b            | 422
          DELETE | /api/v1/namespaces/default/configmaps/there?dryRun=Some             | 422
          DELETE | /api/v1/namespaces/default/configmaps/there?gracePeriodSeconds=x    | 400
          DELETE | /api/v1/namespaces/default/configmaps/there?propagationPolicy=Some  | 422
          DELETE | /api/v1/namespaces/default/configmaps/absent                        | 404
          GET    | /api/v1/namespaces/absent/configmaps/x                              | 404
          POST   | /api/v1/namespaces/absent/configmaps                                | 400
          GET    | /apis/apps/v9/deployments                                           | 404
          GET    | /apis/none.example/v1/things                                        | 404
          PUT    | /api/v1/namespaces/default/configmaps                               | 405
          POST   | /api/v1/namespaces/default/configmaps/there                         | 405
          POST   | /api/v1/configmaps                                                  | 405
          DELETE | /api/v1/configmaps                                                  | 405
          DELETE | /apis/apps/v1/deployments?labelSelector=a                           | 405
          PATCH  | /api/v1/namespaces/default/configmaps                               | 405
          TRACE  | /api/v1/namespaces                                                  | 405
          GET    | /api/v1/namespaces/default/configmaps/there/none                    | 404
          GET    | /api/v1/namespaces/default/pods/absent/log                          | 404
          """)
  void refusesQueriesAndPaths(String method, String path, int code) throws Exception {
    HttpResponse<String> response = send(method, path, "application/json", new byte[0]);
    refused(response, code);
  }

  @ParameterizedTest
  @CsvSource({
    "application/xml,                                406",
    "application/json;q=0,                           406",
    "text/html,                                      406",
    "application/json;as=Table;v=v9;g=meta.k8s.io,   406",
  })
  void refusesWhatItCannotAnswerWith(String accept, int code) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + CONFIG_MAPS))
            .header("accept", accept)
            .build();
    refused(client.send(request, BodyHandlers.ofString()), code);
  }

  @ParameterizedTest
  @CsvSource({
    "'application/json;q=0.1, application/vnd.kubernetes.protobuf;q=0.9', " + PROTOBUF,
    "'application/vnd.kubernetes.protobuf;q=0.5, application/json', application/json",
    "'text/html, */*;q=0.1', application/json",
    "'application/yaml, application/json;q=0.5', application/yaml",
    "'application/yaml;q=0.4, application/json;q=0.5', application/json",
  })
  void takesTheChoiceOfTheBestQuality(String accept, String type) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + CONFIG_MAPS))
            .header("accept", accept)
            .build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    assertThat(response.headers().firstValue("content-type").orElse("")).startsWith(type);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /api/v1/pods?limit=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      })
  void survivesWhatIsNoHttp(String bytes) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            server
                .administratorTls()
                .getSocketFactory()
                .createSocket("127.0.0.1", server.frontEnd.port())) {
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      String answer = firstAnswer(socket.getInputStream());
      assertThat(answer).matches("(?s)(HTTP/1.1 4\\d\\d .*)?");
    }
  }

  @Test
  void refusesHeadersWithoutEnd() throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            server
                .administratorTls()
                .getSocketFactory()
                .createSocket("127.0.0.1", server.frontEnd.port())) {
      String head =
          "GET / HTTP/1.1\r\nHost: x\r\n" + ("X-A: " + "b".repeat(1000) + "\r\n").repeat(50);
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      assertThat(firstAnswer(socket.getInputStream())).startsWith("HTTP/1.1 4");
    }
  }

  /** What comes until the first answer is whole or the connection ends. */
  private static String firstAnswer(InputStream in) {
    StringBuilder answer = new StringBuilder();
    try {
      byte[] buffer = new byte[4096];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        answer.append(new String(buffer, 0, read, ISO_8859_1));
        if (answer.indexOf("\r\n\r\n") > 0 && answer.indexOf("}") > 0) {
          break;
        }
      }
    } catch (IOException e) {
      assertThat(e).isNotNull(); // reset by the server: it wants no more of this
    }
    return answer.toString();
  }
}
