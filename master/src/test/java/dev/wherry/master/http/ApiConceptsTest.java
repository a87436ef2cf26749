package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the Kubernetes API concepts say of every resource, asked for as clients write it. */
@Timeout(120)
class ApiConceptsTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  private static TestServer server;
  private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    server = new TestServer(directory);
    client = HttpClient.newBuilder().sslContext(server.administratorTls()).build();
    create("there", "");
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  private static HttpResponse<String> send(String method, String path, String type, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, BodyPublishers.ofString(body));
    if (!type.isEmpty()) {
      request.header("content-type", type);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static Obj answer(int code, String method, String path, String body) throws Exception {
    HttpResponse<String> response = send(method, path, "application/json", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    return Json.read(response.body());
  }

  private static Obj create(String name, String metadata) throws Exception {
    return answer(
        201, "POST", CONFIG_MAPS, "{\"metadata\":{\"name\":\"" + name + "\"" + metadata + "}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          resourceVersionMatch=Exact                              | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided
          resourceVersionMatch=NotOlderThan                       | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided
          resourceVersionMatch=Exact&resourceVersion=0            | resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"
          resourceVersionMatch=Exact&resourceVersion=1&continue=x | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided
          resourceVersionMatch=Some&resourceVersion=1             | resourceVersionMatch: Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""
          resourceVersionMatch=Some                               | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided
          resourceVersionMatch=Some                               | resourceVersionMatch: Unsupported value: "Some"
          sendInitialEvents=false                                 | sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list
          watch=1&sendInitialEvents=true                          | resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan
          watch=1&sendInitialEvents=                              | resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan
          watch=1&resourceVersionMatch=NotOlderThan               | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided
          watch=1&resourceVersionMatch=Exact                      | resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"
          watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided
          """)
  void saysWhichOptionsOfAListDoNotGoTogether(String query, String cause) throws Exception {
    Obj status = answer(422, "GET", CONFIG_MAPS + "?" + query, "");
    assertThat(status.string("message"))
        .startsWith("ListOptions.meta.k8s.io \"\" is invalid: ")
        .contains(cause);
    Obj deletion = answer(422, "DELETE", CONFIG_MAPS + "?" + query.replace("watch=1", "a=b"), "");
    assertThat(deletion.string("reason")).isEqualTo("Invalid");
  }

  @Test
  void goesOnWithAListAndTellsHowMuchIsLeft() throws Exception {
    String path = "/api/v1/namespaces?limit=2&unknown=parameter";
    Obj first = answer(200, "GET", path, "").obj("metadata");
    assertThat(first.number("remainingItemCount", 0)).isEqualTo(2);
    String token = first.string("continue");
    Obj second = answer(200, "GET", path + "&continue=" + token, "");
    assertThat(second.obj("metadata").string("resourceVersion"))
        .isEqualTo(first.string("resourceVersion"));
    assertThat(second.list("items")).hasSize(2);
    assertThat(second.obj("metadata").has("continue")).isFalse();
    assertThat(second.obj("metadata").has("remainingItemCount")).isFalse();
    Obj both = answer(400, "GET", path + "&resourceVersion=1&continue=" + token, "");
    assertThat(both.string("message"))
        .isEqualTo("specifying resource version is not allowed when using continue");
    Obj selected = answer(200, "GET", path + "&labelSelector=a!%3Db", "").obj("metadata");
    assertThat(selected.string("continue")).isNotEmpty();
    assertThat(selected.has("remainingItemCount")).isFalse();
    assertThat(answer(200, "GET", "/api/v1/namespaces?limit=-1", "").list("items"))
        .as("no limit")
        .hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({
    "watch, true",
    "watch=, true",
    "watch=1, true",
    "watch=True, true",
    "watch=yes, true",
    "watch=0, false",
    "watch=False, false",
    "watch=false, false",
  })
  void readsFlagsAsKubernetesDoes(String flag, boolean watches) throws Exception {
    HttpResponse<String> response = send("GET", CONFIG_MAPS + "?timeoutSeconds=1&" + flag, "", "");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().contains("\"ADDED\"")).isEqualTo(watches);
  }

  @Test
  void aNamedObjectIsReadThoughAWatchIsAskedFor() throws Exception {
    Obj read = answer(200, "GET", CONFIG_MAPS + "/there?watch=true&timeoutSeconds=1", "");
    assertThat(read.string("kind")).isEqualTo("ConfigMap");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          422 |                           | {"propagationPolicy":"Orphan","orphanDependents":true}    | propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set
          422 | propagationPolicy=Orphan&orphanDependents=false | `` | propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set
          422 | propagationPolicy=Some    | ``                                                        | propagationPolicy: Unsupported value: "Some": supported values: "Foreground", "Background", "Orphan", "nil"
          422 |                           | {"dryRun":["Some"]}                                       | dryRun: Unsupported value:
          400 |                           | {"kind":"Pod","apiVersion":"v1"}                          | DeleteOptions
          400 |                           | {"gracePeriodSeconds":"x"}                                | gracePeriodSeconds
          409 |                           | {"preconditions":{"uid":"other"}}                         | the UID in the precondition (other) does not match the UID in record
          409 |                           | {"preconditions":{"resourceVersion":"1"}}                 | the ResourceVersion in the precondition (1) does not match the ResourceVersion in record
          """)
  void refusesDeletions(int code, String query, String body, String message) throws Exception {
    String path = CONFIG_MAPS + "/there?" + (query == null ? "" : query);
    Obj status = answer(code, "DELETE", path, body);
    assertThat(status.string("message")).contains(message);
    answer(200, "GET", CONFIG_MAPS + "/there", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          orphanDependents=true              | ``                               | orphan
          propagationPolicy=Orphan           | ``                               | orphan
          propagationPolicy=Foreground       | ``                               | foregroundDeletion
          `` | {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground"} | foregroundDeletion
          `` | {"apiVersion":"meta.k8s.io/v1","kind":"DeleteOptions","orphanDependents":true} | orphan
          """)
  void deletionsLeaveTheirWorkToTheCollector(String query, String body, String finalizer)
      throws Exception {
    create("lingers", "");
    Obj deleted = answer(200, "DELETE", CONFIG_MAPS + "/lingers?" + query, body);
    assertThat(deleted.obj("metadata").strings("finalizers")).containsExactly(finalizer);
    answer(200, "DELETE", CONFIG_MAPS + "/lingers?orphanDependents=false", "");
    answer(404, "GET", CONFIG_MAPS + "/lingers", "");
  }

  @Test
  void aNegativeGraceIsASecond() throws Exception {
    answer(
        201,
        "POST",
        "/api/v1/namespaces/default/pods",
        """
        {"metadata":{"name":"graced"},
         "spec":{"nodeName":"n","containers":[{"name":"c","image":"i:1"}]}}""");
    Obj deleted =
        answer(200, "DELETE", "/api/v1/namespaces/default/pods/graced?gracePeriodSeconds=-1", "");
    assertThat(deleted.obj("metadata").number("deletionGracePeriodSeconds", 0)).isEqualTo(1);
    answer(200, "DELETE", "/api/v1/namespaces/default/pods/graced?gracePeriodSeconds=0", "");
    answer(404, "GET", "/api/v1/namespaces/default/pods/graced", "");
  }

  @Test
  void deletesWhatIsSelectedAsTheOptionsSay() throws Exception {
    for (String name : List.of("one", "two")) {
      create("some-" + name, ",\"labels\":{\"some\":\"" + name + "\"}");
    }
    String path = CONFIG_MAPS + "?labelSelector=some";
    Obj dry = answer(200, "DELETE", path + "&dryRun=All", "");
    assertThat(dry.string("kind")).isEqualTo("ConfigMapList");
    assertThat(dry.list("items")).hasSize(2);
    Obj one = answer(200, "DELETE", path + "&fieldSelector=metadata.name%3Dsome-one", "");
    assertThat(one.list("items")).hasSize(1);
    answer(200, "DELETE", path + "&propagationPolicy=Foreground", "");
    Obj two = answer(200, "GET", CONFIG_MAPS + "/some-two", "");
    assertThat(two.obj("metadata").strings("finalizers")).containsExactly("foregroundDeletion");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name":"x","labels":{"a":"-"}}                         | metadata.labels: Invalid value: "-": a valid label must be
          {"name":"x","annotations":{"a/b/c":""}}                 | metadata.annotations: Invalid value: "a/b/c"
          {"name":"x","finalizers":["short"]}                     | metadata.finalizers[0]: Invalid value: "short": name is neither a standard finalizer name nor is it fully qualified
          {"name":"x","finalizers":["orphan","foregroundDeletion"]} | finalizer orphan and foregroundDeletion cannot be both set
          {"generateName":"Up"}                                   | metadata.generateName: Invalid value: "Up": a lowercase RFC 1123 subdomain
          {"name":"x","generateName":"Up"}                        | metadata.generateName: Invalid value: "Up": a lowercase RFC 1123 subdomain
          {"name":"x","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p"}]} | metadata.ownerReferences[0].uid: Invalid value: "": uid must not be empty
          {"name":"x","ownerReferences":[{"apiVersion":"v1","kind":"Event","name":"p","uid":"1"}]} | is disallowed from being an owner
          {"name":"x","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1","controller":true},{"apiVersion":"v1","kind":"Pod","name":"q","uid":"2","controller":true}]} | Only one reference can have Controller set to true. Found "true" in references for Pod/p and Pod/q
          """)
  void refusesMetadata(String metadata, String cause) throws Exception {
    Obj status = answer(422, "POST", CONFIG_MAPS, "{\"metadata\":" + metadata + "}");
    assertThat(status.string("message")).contains(cause);
    assertThat(status.obj("details").string("kind")).isEqualTo("ConfigMap");
    assertThat(status.obj("details").objs("causes")).isNotEmpty();
  }

  @Test
  void boundsAnnotationsTogether() throws Exception {
    String half = "x".repeat(128 * 1024 - 1);
    create("wide", ",\"annotations\":{\"a\":\"" + half + "\",\"b\":\"" + half + "\"}");
    Obj status =
        answer(
            422,
            "POST",
            CONFIG_MAPS,
            "{\"metadata\":{\"name\":\"wider\",\"annotations\":{\"a\":\""
                + half
                + "\",\"b\":\""
                + half
                + "x\"}}}");
    assertThat(status.string("message"))
        .contains("metadata.annotations: Too long: may not be more than 262144 bytes");
  }

  @Test
  void theServerAloneSaysWhenWhichObjectWasMade() throws Exception {
    Obj made =
        create(
                "stamped",
                """
                ,"creationTimestamp":"2001-01-01T00:00:00Z","uid":"mine","generation":7,
                "deletionTimestamp":"2001-01-01T00:00:00Z","selfLink":"/here\"""")
            .obj("metadata");
    assertThat(made.string("creationTimestamp")).doesNotStartWith("2001");
    assertThat(made.string("uid")).hasSize(36);
    assertThat(made.has("generation")).isFalse();
    assertThat(made.has("deletionTimestamp")).isFalse();
    assertThat(made.has("selfLink")).isFalse();
    Obj again =
        answer(
                200,
                "PUT",
                CONFIG_MAPS + "/stamped",
                """
                {"metadata":{"name":"stamped","creationTimestamp":"2001-01-01T00:00:00Z"}}""")
            .obj("metadata");
    assertThat(again.string("creationTimestamp")).isEqualTo(made.string("creationTimestamp"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 | {"metadata":{}}                                  | the name of the object (there based on URL) was undeterminable: name must be provided
          400 | {"metadata":{"name":"other"}}                    | the name of the object (other) does not match the name on the URL (there)
          400 | {"metadata":{"name":"there","namespace":"b"}}    | the namespace of the provided object does not match the namespace sent on the request
          409 | {"metadata":{"name":"there","uid":"other"}}      | Precondition failed: UID in precondition: other, UID in object meta:
          409 | {"metadata":{"name":"there","resourceVersion":"1"}} | the object has been modified; please apply your changes to the latest version and try again
          400 | {"metadata":{"name":"there"},"kind":"Pod"}       | Pod in version "v1" cannot be handled as a ConfigMap
          """)
  void refusesReplacements(int code, String body, String message) throws Exception {
    String path = CONFIG_MAPS + "/there";
    assertThat(answer(code, "PUT", path, body).string("message")).contains(message.strip());
  }

  @Test
  void whatIsBeingDeletedIsHeldByNothingMore() throws Exception {
    String held = CONFIG_MAPS + "/held";
    create("held", ",\"finalizers\":[\"example.com/a\",\"example.com/b\"]");
    answer(200, "DELETE", held, "");
    String type = "application/merge-patch+json";
    HttpResponse<String> more =
        send(
            "PATCH",
            held,
            type,
            "{\"metadata\":{\"finalizers\":[\"example.com/a\",\"example.com/c\"]}}");
    assertThat(more.statusCode()).isEqualTo(422);
    assertThat(Json.read(more.body()).string("message"))
        .isEqualTo(
            "ConfigMap \"held\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be"
                + " added if the object is being deleted, found new finalizers"
                + " []string{\"example.com/c\"}");
    String fewer = "{\"metadata\":{\"finalizers\":[\"example.com/b\"]}}";
    assertThat(send("PATCH", held, type, fewer).statusCode()).isEqualTo(200);
    assertThat(send("PATCH", held, type, "{\"metadata\":{\"finalizers\":null}}").statusCode())
        .isEqualTo(200);
    answer(404, "GET", held, "");
  }

  @Test
  void versionZeroIsNone() throws Exception {
    create("unversioned", ",\"resourceVersion\":\"0\"");
    Obj replaced =
        answer(
            200,
            "PUT",
            CONFIG_MAPS + "/unversioned",
            "{\"metadata\":{\"name\":\"unversioned\",\"resourceVersion\":\"0\"},\"data\":{\"a\":\"b\"}}");
    assertThat(replaced.obj("data").string("a")).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          eviction | {"metadata":{"name":"other"}} | name in URL does not match name in Eviction object
          eviction | {"metadata":{"name":"acted-on","namespace":"other"}} | the namespace of the provided object does not match the namespace sent on the request
          binding  | {"metadata":{"name":"other"},"target":{"kind":"Node","name":"n"}} | name in URL does not match name in Binding object
          """)
  void refusesActionsOnAnother(String action, String body, String message) throws Exception {
    String pods = "/api/v1/namespaces/default/pods";
    String pod =
        "{\"metadata\":{\"name\":\"acted-on\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
    answer(201, "POST", pods, pod);
    Obj status = answer(400, "POST", pods + "/acted-on/" + action, body);
    assertThat(status.string("message")).isEqualTo(message);
    answer(200, "DELETE", pods + "/acted-on", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          422 | application/apply-patch+yaml | fieldManager= | {"apiVersion":"v1","kind":"ConfigMap"} | fieldManager: Required value: is required for apply patch
          422 | application/apply-patch+yaml | fieldManager=äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää | {"apiVersion":"v1","kind":"ConfigMap"} | fieldManager: Too long: may not be more than 128 bytes
          422 | application/merge-patch+json | fieldManager=a%07 | {} | fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1)
          422 | application/merge-patch+json | force=true    | {} | force: Forbidden: may not be specified for non-apply patch
          400 | application/apply-patch+yaml | fieldManager=m | {"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[{"manager":"x"}]}} | metadata.managedFields must be nil
          400 | application/apply-patch+yaml | fieldManager=m | {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"}} | the name of the object (b) does not match the name on the URL (there)
          409 | application/apply-patch+yaml | fieldManager=m | {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"there","resourceVersion":"1"}} | the object has been modified
          409 | application/apply-patch+yaml | fieldManager=m | {"apiVersion":"v1","kind":"ConfigMap","metadata":{"uid":"other"}} | Precondition failed: UID in precondition: other
          422 | application/json-patch+json  | ``            | [{"op":"test","path":"/metadata/name","value":"x"}] | test failed
          422 | application/json-patch+json  | ``            | [{"op":"replace","path":"/none/at","value":1}] | /none/at
          400 | application/merge-patch+json | ``            | {"metadata":{"name":"b"}} | the name of the object (b) does not match the name on the URL (there)
          409 | application/merge-patch+json | ``            | {"metadata":{"resourceVersion":"1"}} | the object has been modified
          415 | application/json             | ``            | {} | application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml
          """)
  void refusesPatches(int code, String type, String query, String body, String message)
      throws Exception {
    String path = CONFIG_MAPS + "/there?" + query.replace("ä", "%C3%A4");
    HttpResponse<String> response = send("PATCH", path, type, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(code);
    assertThat(Json.read(response.body()).string("message")).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/v1/namespaces/default/configmaps/there?pretty=true  | client/1           | true
          /api/v1/namespaces/default/configmaps/there              | client/1           | false
          /api/v1/namespaces/default/configmaps/there              | curl/8.5.0         | true
          /api/v1/namespaces/default/configmaps/there?pretty=false | curl/8.5.0         | false
          /api/v1/namespaces/default/configmaps/none               | Wget/1.21          | true
          /apis                                                    | Mozilla/5.0 (X11)  | true
          /apis/rbac.authorization.k8s.io/v1/clusterroles          | client/1           | false
          /apis/rbac.authorization.k8s.io/v1/clusterroles          | curl/8.5.0         | true
          """)
  void printsForPeople(String path, String program, boolean lines) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("user-agent", program)
            .build();
    String body = client.send(request, BodyHandlers.ofString()).body();
    assertThat(Json.read(body).string("kind")).isNotEmpty();
    assertThat(body.startsWith("{\n  \"")).as(body).isEqualTo(lines);
    assertThat(body.strip().contains("\n")).isEqualTo(lines);
  }

  @Test
  void answersWithTheObjectWhereClientsWantWhatIsGone() throws Exception {
    String services = "/api/v1/namespaces/default/services";
    answer(
        201,
        "POST",
        services,
        "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":80}]}}");
    Obj gone = answer(200, "DELETE", services + "/s", "");
    assertThat(gone.string("kind")).isEqualTo("Service");
    create("shown", "");
    Obj status = answer(200, "DELETE", CONFIG_MAPS + "/shown", "");
    assertThat(status.string("kind")).isEqualTo("Status");
    assertThat(status.obj("details").string("kind")).isEqualTo("configmaps");
    Obj paths = answer(200, "GET", "/openapi/v2", "").obj("paths");
    assertThat(deleted(paths, services)).isEqualTo("#/definitions/io.k8s.api.core.v1.Service");
    assertThat(deleted(paths, CONFIG_MAPS))
        .isEqualTo("#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status");
  }

  private static String deleted(Obj paths, String collection) {
    String path = collection.replace("default", "{namespace}") + "/{name}";
    return paths.at(path, "delete", "responses", "200", "schema").string("$ref");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/v1/namespaces/default/endpoints | v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
          /api/v1/componentstatuses            | v1 ComponentStatus is deprecated in v1.19+
          """)
  void warnsOfDeprecatedKinds(String path, String warning) throws Exception {
    HttpResponse<String> response = send("GET", path, "", "");
    assertThat(response.headers().firstValue("warning")).contains("299 - \"" + warning + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "/version, 200, \"gitVersion\"",
    "/openapi/v2, 200, \"swagger\"",
    "/openapi/v3, 200, \"paths\"",
    "/openapi/v3/api/v1, 200, \"openapi\"",
    "/openapi/v3/none, 404, NotFound",
    "/livez, 200, ok",
    "/livez?verbose, 200, [+]ping ok",
    "/livez?verbose, 200, livez check passed",
    "/livez/ping, 200, ok",
    "/readyz/ping, 200, ok",
    "/readyz?verbose&exclude=ping, 200, [+]ping excluded: ok",
    "/healthz/none, 404, NotFound",
    "/apis/none.example, 404, NotFound",
    "/none, 404, NotFound",
  })
  void servesPathsBesideTheResources(String path, int code, String text) throws Exception {
    HttpResponse<String> response = send("GET", path, "", "");
    assertThat(response.statusCode()).isEqualTo(code);
    assertThat(response.body()).contains(text);
  }
}
