package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Identity;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.AuditPolicy;
import dev.wherry.master.registry.DeleteOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is recorded of requests, over real HTTPS and of the master's own parts. */
class AuditTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String POLICY =
      """
      {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],
       "rules":[{"level":"None","users":["system:apiserver"]},
                {"level":"RequestResponse","omitManagedFields":true,
                 "resources":[{"group":"","resources":["configmaps"]}]},
                {"level":"Metadata"}]}""";

  @TempDir private Path directory;
  private final List<Obj> events = new CopyOnWriteArrayList<>();
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    Audit audit =
        new Audit(
            AuditPolicy.parse(Json.read(POLICY)),
            line -> events.add(Json.read(line)),
            InstantSource.system());
    server = new TestServer(directory, audit);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "application/json")
            .header("user-agent", "tester/1.0");
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(server.administratorTls()).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private Obj event(Predicate<Obj> wanted) {
    Instant end = Instant.now().plus(DEADLINE);
    while (true) {
      for (Obj each : events) {
        if (wanted.test(each)) {
          return each;
        }
      }
      assertThat(Instant.now()).as("%s", events).isBefore(end);
      Thread.onSpinWait();
    }
  }

  private static Predicate<Obj> of(String verb, String resource) {
    return each ->
        each.string("verb").equals(verb)
            && each.obj("objectRef").string("resource").equals(resource);
  }

  @Test
  void recordsWhoDidWhat() throws Exception {
    HttpResponse<String> answer =
        send(
            "POST",
            "/api/v1/namespaces/default/secrets?fieldManager=t",
            "{\"metadata\":{\"name\":\"s\"},\"stringData\":{\"a\":\"hidden\"}}",
            "audit-id",
            "my-id",
            "x-forwarded-for",
            "192.0.2.7, nonsense");
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().firstValue("audit-id")).contains("my-id");
    Obj event = event(of("create", "secrets"));
    assertThat(event.string("kind")).isEqualTo("Event");
    assertThat(event.string("apiVersion")).isEqualTo("audit.k8s.io/v1");
    assertThat(event.string("level")).isEqualTo("Metadata");
    assertThat(event.string("stage")).isEqualTo("ResponseComplete");
    assertThat(event.string("auditID")).isEqualTo("my-id");
    assertThat(event.string("requestURI"))
        .isEqualTo("/api/v1/namespaces/default/secrets?fieldManager=t");
    assertThat(event.obj("user").string("username")).isEqualTo("system:admin");
    assertThat(event.obj("user").strings("groups"))
        .containsExactly("system:masters", "system:authenticated");
    assertThat(event.strings("sourceIPs")).containsExactly("192.0.2.7", "127.0.0.1");
    assertThat(event.string("userAgent")).isEqualTo("tester/1.0");
    assertThat(event.obj("objectRef"))
        .isEqualTo(
            Json.read(
                """
                {"resource":"secrets","namespace":"default","name":"s","apiVersion":"v1"}"""));
    assertThat(event.obj("responseStatus").number("code", 0)).isEqualTo(201);
    assertThat(event.string("requestReceivedTimestamp")).matches("\\d{4}-.*\\.\\d{6}Z");
    assertThat(event.obj("annotations").string("authorization.k8s.io/decision")).isEqualTo("allow");
    assertThat(event.obj("annotations").has("authorization.k8s.io/reason")).isTrue();
    assertThat(Json.text(event)).doesNotContain("hidden");
  }

  @Test
  void recordsObjectsWhereThePolicyWantsThem() throws Exception {
    send(
        "POST",
        "/api/v1/namespaces/default/configmaps",
        "{\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":\"1\"}}");
    Obj created = event(of("create", "configmaps"));
    assertThat(created.obj("requestObject").obj("data").string("a")).isEqualTo("1");
    assertThat(created.obj("requestObject").obj("metadata").has("uid")).isFalse();
    assertThat(created.obj("responseObject").obj("metadata").has("uid")).isTrue();
    assertThat(created.obj("responseObject").obj("metadata").has("managedFields")).isFalse();
    send(
        "PATCH",
        "/api/v1/namespaces/default/configmaps/c",
        "[{\"op\":\"replace\",\"path\":\"/data/a\",\"value\":\"2\"}]",
        "content-type",
        "application/json-patch+json");
  }

  @Test
  void leavesOutObjectsThatAreTooLong() throws Exception {
    send(
        "POST",
        "/api/v1/namespaces/default/configmaps",
        "{\"metadata\":{\"name\":\"big\"},\"data\":{\"a\":\"" + "z".repeat(120_000) + "\"}}");
    Obj event = event(of("create", "configmaps"));
    assertThat(event.has("requestObject")).isFalse();
    assertThat(event.obj("annotations").string("audit.k8s.io/truncated")).isEqualTo("true");
  }

  @Test
  void recordsRefusals() throws Exception {
    send("GET", "/api/v1/namespaces/default/pods", "", "impersonate-user", "bob");
    Obj refused = event(of("list", "pods"));
    assertThat(refused.obj("impersonatedUser").string("username")).isEqualTo("bob");
    assertThat(refused.obj("user").string("username")).isEqualTo("system:admin");
    assertThat(refused.obj("responseStatus").number("code", 0)).isEqualTo(403);
    assertThat(refused.obj("responseStatus").string("reason")).isEqualTo("Forbidden");
    assertThat(refused.obj("annotations").string("authorization.k8s.io/decision"))
        .isEqualTo("forbid");
    try (HttpClient client = HttpClient.newBuilder().sslContext(server.anonymousTls()).build()) {
      client.send(
          HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/nodes"))
              .header("authorization", "Bearer nonsense")
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
    Obj nobody = event(of("list", "nodes"));
    assertThat(nobody.obj("user")).isEqualTo(Obj.EMPTY);
    assertThat(nobody.obj("responseStatus").number("code", 0)).isEqualTo(401);
  }

  @Test
  void recordsWatchesTwice() throws Exception {
    send("GET", "/api/v1/namespaces/default/pods?watch=1&timeoutSeconds=1", "");
    Obj started =
        event(of("watch", "pods").and(each -> each.string("stage").equals("ResponseStarted")));
    Obj complete =
        event(of("watch", "pods").and(each -> each.string("stage").equals("ResponseComplete")));
    assertThat(complete.string("auditID")).isEqualTo(started.string("auditID"));
    assertThat(complete.obj("responseStatus").number("code", 0)).isEqualTo(200);
  }

  @Test
  void recordsTheMastersOwnParts() {
    server.objects.create(
        GroupResource.CONFIG_MAPS,
        Json.read("{\"metadata\":{\"name\":\"own\",\"namespace\":\"default\"}}"));
    server
        .entrance
        .as(Identity.controller("generic-garbage-collector"))
        .delete(GroupResource.CONFIG_MAPS, new ObjectKey("default", "own"), DeleteOptions.DEFAULT);
    Obj event = event(of("delete", "configmaps"));
    assertThat(event.obj("user").string("username"))
        .isEqualTo("system:serviceaccount:kube-system:generic-garbage-collector");
    assertThat(event.string("requestURI")).isEqualTo("/api/v1/namespaces/default/configmaps/own");
    assertThat(events).noneMatch(of("create", "configmaps"));
  }

  @Test
  void recordsWhatPodSecurityFinds() throws Exception {
    Obj namespace = server.objects.get(GroupResource.NAMESPACES, new ObjectKey("", "default"));
    server.objects.update(
        GroupResource.NAMESPACES,
        namespace.withAt(
            Json.read("{\"pod-security.kubernetes.io/audit\":\"baseline\"}"),
            "metadata",
            "labels"));
    send(
        "POST",
        "/api/v1/namespaces/default/pods",
        """
        {"metadata":{"name":"p"},"spec":{"hostNetwork":true,
         "containers":[{"name":"c","image":"x"}]}}""");
    Obj event = event(of("create", "pods"));
    assertThat(event.obj("annotations").string("pod-security.kubernetes.io/audit-violations"))
        .isEqualTo(
            "would violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)");
    assertThat(event.obj("annotations").string("pod-security.kubernetes.io/enforce-policy"))
        .isEqualTo("privileged:latest");
  }
}
