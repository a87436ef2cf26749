package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of every type in both directions, and what is said of fields that nobody knows. */
class ContentTypesTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static TestServer server;
  private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    server.objects.create(
        GroupResource.CONFIG_MAPS,
        Json.read(
            "{\"metadata\":{\"name\":\"kept\",\"namespace\":\"default\"},"
                + "\"data\":{\"yes\":\"no\",\"version\":\"1.10\",\"text\":\"two\\nlines\\n\"}}"));
    client = HttpClient.newBuilder().sslContext(server.administratorTls()).build();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(server.url() + path));
  }

  private static HttpResponse<String> get(String path, String accept) throws Exception {
    return client.send(request(path).header("accept", accept).build(), BodyHandlers.ofString());
  }

  private static Obj yaml(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("content-type")).contains("application/yaml");
    return Yaml.read(response.body().getBytes(StandardCharsets.UTF_8), _ -> {});
  }

  @Test
  void answersInYaml() throws Exception {
    HttpResponse<String> one = get(CONFIG_MAPS + "/kept", "application/yaml");
    assertThat(one.body())
        .startsWith("apiVersion: v1\ndata:\n  text: |\n    two\n    lines\n  version: \"1.10\"\n")
        .contains("\"yes\": \"no\"\nkind: ConfigMap\nmetadata:\n  creationTimestamp: \"20");
    Obj inJson = Json.read(get(CONFIG_MAPS + "/kept", "application/json").body());
    assertThat(yaml(one)).isEqualTo(inJson);
    Obj list = yaml(get(CONFIG_MAPS, "application/yaml"));
    assertThat(list.string("kind")).isEqualTo("ConfigMapList");
    assertThat(list.objs("items")).contains(inJson);
    HttpResponse<String> none = get(CONFIG_MAPS + "/none", "application/yaml");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(yaml(none).string("message")).isEqualTo("configmaps \"none\" not found");
  }

  @Test
  void answersTablesInYaml() throws Exception {
    String table = ";as=Table;g=meta.k8s.io;v=v1";
    HttpResponse<String> list = get(CONFIG_MAPS, "application/yaml" + table);
    assertThat(yaml(list).objs("rows").getFirst().list("cells")).startsWith("kept", 3L);
    assertThat(get(CONFIG_MAPS, "application/vnd.kubernetes.protobuf" + table).statusCode())
        .isEqualTo(406);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api", "/apis", "/apis/apps", "/apis/apps/v1", "/api/v1"})
  void answersDiscoveryInYamlAndProtobuf(String path) throws Exception {
    Obj json = Json.read(get(path, "application/json").body());
    assertThat(yaml(get(path, "application/yaml"))).isEqualTo(json);
    assertThat(KubernetesProtobuf.decode(protobuf(path, "application/vnd.kubernetes.protobuf")))
        .isEqualTo(json.with("apiVersion", "v1"));
    assertThat(get(path, "application/xml").statusCode()).isEqualTo(406);
  }

  @Test
  void answersAggregatedDiscoveryInYamlAndProtobuf() throws Exception {
    String parameters = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    HttpResponse<String> yaml = get("/apis", "application/yaml" + parameters);
    Obj json = Json.read(get("/apis", "application/json" + parameters).body());
    assertThat(Yaml.read(yaml.body().getBytes(StandardCharsets.UTF_8), _ -> {})).isEqualTo(json);
    Obj decoded =
        KubernetesProtobuf.decode(
            protobuf("/apis", "application/vnd.kubernetes.protobuf" + parameters));
    assertThat(decoded.objs("items")).hasSameSizeAs(json.objs("items"));
  }

  @ParameterizedTest
  @CsvSource({
    "/api, application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "/apis, application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "/apis, application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
    "/openapi/v2, application/json",
    "/openapi/v3/apis/apps/v1, application/json",
  })
  void answersNothingToWhoHasADocumentAlready(String path, String accept) throws Exception {
    HttpResponse<String> first = get(path, accept);
    assertThat(first.statusCode()).isEqualTo(200);
    if (accept.contains("as=")) {
      assertThat(first.headers().firstValue("content-type")).contains(accept);
      String version = accept.contains("v2beta1") ? "v2beta1" : "v2";
      assertThat(Json.read(first.body()).string("apiVersion"))
          .isEqualTo("apidiscovery.k8s.io/" + version);
    }
    String tag = first.headers().firstValue("etag").orElseThrow();
    HttpResponse<String> known = conditional(path, accept, tag);
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(known.body()).isEmpty();
    assertThat(known.headers().firstValue("etag")).contains(tag);
    assertThat(conditional(path, accept, "\"other\"").body()).isEqualTo(first.body());
  }

  private static HttpResponse<String> conditional(String path, String accept, String tag)
      throws Exception {
    return client.send(
        request(path).header("accept", accept).header("if-none-match", tag).build(),
        BodyHandlers.ofString());
  }

  /** As the metadata informers of Go ask. */
  @Test
  void answersMetadataAloneInProtobuf() throws Exception {
    String as = "application/vnd.kubernetes.protobuf;g=meta.k8s.io;v=v1;as=PartialObjectMetadata";
    Obj one = KubernetesProtobuf.decode(protobuf(CONFIG_MAPS + "/kept", as));
    assertThat(one.string("kind")).isEqualTo("PartialObjectMetadata");
    assertThat(one.obj("metadata").string("name")).isEqualTo("kept");
    assertThat(one.has("data")).isFalse();
    Obj list = KubernetesProtobuf.decode(protobuf(CONFIG_MAPS, as + "List"));
    assertThat(list.string("kind")).isEqualTo("PartialObjectMetadataList");
    assertThat(list.obj("metadata").string("resourceVersion")).isNotEmpty();
    assertThat(list.objs("items").getFirst().obj("metadata").string("uid")).isNotEmpty();
    HttpResponse<String> watch =
        get(
            CONFIG_MAPS + "?watch=true&timeoutSeconds=1",
            as.replace("vnd.kubernetes.protobuf", "json"));
    Obj event = Json.read(watch.body().lines().findFirst().orElseThrow());
    assertThat(event.obj("object").string("kind")).isEqualTo("PartialObjectMetadata");
    assertThat(event.obj("object").has("data")).isFalse();
    String frames = new String(protobuf(CONFIG_MAPS + "?watch=true&timeoutSeconds=1", as), UTF_8);
    assertThat(frames).contains("ADDED", "PartialObjectMetadata", "kept").doesNotContain("1.10");
  }

  /** As clients of Go write: the options name the group of what they are about. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST   | /pods                | {'kind':'Pod','apiVersion':'v1','metadata':{'name':'go'},'spec':{'containers':[{'name':'c','image':'i'}]}} | 201
          POST   | /pods/go/binding     | {'kind':'Binding','apiVersion':'v1','metadata':{'name':'go'},'target':{'kind':'Node','name':'n'}} | 201
          PUT    | /pods/go/status      | {'kind':'Pod','apiVersion':'v1','metadata':{'name':'go'},'status':{'phase':'Running'}} | 200
          POST   | /serviceaccounts     | {'kind':'ServiceAccount','apiVersion':'v1','metadata':{'name':'go'}} | 201
          POST   | /serviceaccounts/go/token | {'kind':'TokenRequest','apiVersion':'authentication.k8s.io/v1','spec':{'expirationSeconds':600}} | 201
          POST   | /pods/go/eviction    | {'kind':'Eviction','apiVersion':'policy/v1','metadata':{'name':'go','namespace':'default'},'deleteOptions':{'gracePeriodSeconds':5}} | 201
          DELETE | /pods/go             | {'kind':'DeleteOptions','apiVersion':'v1','gracePeriodSeconds':0} | 200
          DELETE | /serviceaccounts/go  | {'kind':'DeleteOptions','apiVersion':'apps/v1','dryRun':['All']} | 200
          DELETE | /serviceaccounts/go  | {'kind':'DeleteOptions','apiVersion':'v1','preconditions':{'uid':'x'}} | 409
          """)
  void takesEveryWriteInProtobuf(String verb, String path, String body, int code) throws Exception {
    String type = "application/vnd.kubernetes.protobuf";
    HttpRequest request =
        request("/api/v1/namespaces/default" + path)
            .header("content-type", type)
            .header("accept", type)
            .method(
                verb,
                BodyPublishers.ofByteArray(
                    KubernetesProtobuf.encode(Json.read(body.replace('\'', '"')))))
            .build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    Obj answer = KubernetesProtobuf.decode(response.body());
    assertThat(response.statusCode()).as(answer.toString()).isEqualTo(code);
  }

  private static byte[] protobuf(String path, String accept) throws Exception {
    return client
        .send(request(path).header("accept", accept).build(), BodyHandlers.ofByteArray())
        .body();
  }

  /** None can be made, and who follows them hears nothing until the time is over. */
  @Test
  void customResourceDefinitionsAreListedAndWatched() throws Exception {
    String path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    assertThat(Json.read(get(path, "application/json").body()).list("items")).isEmpty();
    HttpResponse<String> watch = get(path + "?watch=true&timeoutSeconds=1", "application/json");
    assertThat(watch.statusCode()).isEqualTo(200);
    assertThat(watch.body()).isEmpty();
    HttpResponse<String> made =
        client.send(
            request(path).POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofString());
    assertThat(made.statusCode()).isEqualTo(405);
  }

  @Test
  void watchesHaveNoYaml() throws Exception {
    HttpResponse<String> refused = get(CONFIG_MAPS + "?watch=true", "application/yaml");
    assertThat(refused.statusCode()).isEqualTo(406);
    assertThat(yaml(refused).string("message"))
        .isEqualTo(
            "only the following media types are accepted: application/json,"
                + " application/vnd.kubernetes.protobuf");
    HttpResponse<String> json =
        get(
            CONFIG_MAPS + "?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=kept",
            "application/yaml, application/json;q=0.5");
    assertThat(Json.read(json.body()).string("type")).isEqualTo("ADDED");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST|application/json|{'metadata':{'name':'odd'},'datum':1,'datum':2,'data':{},'data':{}}"
            + "|400|ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding"
            + " error: unknown field \"datum\", duplicate field \"data\"",
        "POST|application/yaml|metadata: {name: odd, name: even}"
            + "|400|ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding"
            + " error: duplicate field \"metadata.name\"",
        "PATCH|application/merge-patch+json|{'datum':1,'data':{},'data':{'a':'b'}}"
            + "|422|}\": strict decoding error: unknown field \"datum\", duplicate field"
            + " \"data\"",
        "PATCH|application/strategic-merge-patch+json|{'datum':{'b':[1,'x'],'a':null}}|422|\"\" is"
            + " invalid: patch: Invalid value: \"map[datum:map[a:<nil> b:[1 x]]]\": strict decoding"
            + " error: unknown field \"datum\"",
        "PATCH|application/merge-patch+json|{'data':7}"
            + "|422|:7}\": json: cannot unmarshal number into Go struct field ConfigMap.data"
            + " of type map[string]string",
        "PATCH|application/apply-patch+yaml|{'kind':'ConfigMap','apiVersion':'v1','datum':1}"
            + "|400|failed to create typed patch object (default/kept; v1, Kind=ConfigMap): .datum:"
            + " field not declared in schema"
      })
  void refusesFieldsThatNobodyKnows(String verb, String type, String body, int code, String message)
      throws Exception {
    String path = CONFIG_MAPS + (verb.equals("POST") ? "" : "/kept");
    HttpResponse<String> response =
        client.send(
            request(path + "?fieldValidation=Strict&dryRun=All&fieldManager=m")
                .header("content-type", type)
                .method(verb, BodyPublishers.ofString(body.replace('\'', '"')))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(code);
    assertThat(Json.read(response.body()).string("message")).endsWith(message);
  }
}
