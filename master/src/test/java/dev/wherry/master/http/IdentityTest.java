package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.Credential;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.WriteOptions;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes by which proof, over real HTTPS. */
class IdentityTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer(directory);
    server.objects.create(
        GroupResource.SERVICE_ACCOUNTS,
        Json.read("{\"metadata\":{\"name\":\"web\",\"namespace\":\"default\"}}"));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private String token() {
    return server
        .objects
        .create(
            GroupResource.SERVICE_ACCOUNTS,
            new ObjectKey("default", "web"),
            "token",
            Json.read("{\"spec\":{}}"),
            WriteOptions.DEFAULT)
        .obj("status")
        .string("token");
  }

  private HttpResponse<String> get(HttpClient client, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpClient anonymous() throws Exception {
    return HttpClient.newBuilder().sslContext(server.anonymousTls()).build();
  }

  private void grantView() {
    server.objects.create(
        new GroupResource("rbac.authorization.k8s.io", "rolebindings"),
        Json.read(
            """
            {"metadata":{"name":"web","namespace":"default"},
             "roleRef":{"kind":"ClusterRole","name":"system:aggregate-to-view"},
             "subjects":[{"kind":"ServiceAccount","name":"web","namespace":"default"}]}"""));
  }

  @Test
  void anonymousSeesHealthAndVersionAlone() throws Exception {
    try (HttpClient client = anonymous()) {
      assertThat(get(client, "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(client, "/version").statusCode()).isEqualTo(200);
      HttpResponse<String> api = get(client, "/api");
      assertThat(api.statusCode()).isEqualTo(403);
      assertThat(api.body()).contains("User \\\"system:anonymous\\\" cannot get path \\\"/api\\\"");
      assertThat(get(client, "/api/v1/pods").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void tokensOfAccountsWorkUntilTheAccountIsGone() throws Exception {
    Config config =
        new ConfigBuilder()
            .withMasterUrl(server.url())
            .withCaCertData(
                java.util.Base64.getEncoder()
                    .encodeToString(
                        server
                            .authority
                            .pem()
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
            .withOauthToken(token())
            .withRequestRetryBackoffLimit(0)
            .build();
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      assertThat(code(client)).isEqualTo(403);
      grantView();
      Instant end = Instant.now().plus(DEADLINE);
      while (code(client) != 200) {
        assertThat(Instant.now()).isBefore(end);
      }
      server.objects.delete(
          GroupResource.SERVICE_ACCOUNTS, new ObjectKey("default", "web"), DeleteOptions.DEFAULT);
      assertThat(code(client)).isEqualTo(401);
    }
  }

  private static int code(KubernetesClient client) {
    try {
      client.pods().inNamespace("default").list();
      return 200;
    } catch (KubernetesClientException e) {
      return e.getCode();
    }
  }

  @Test
  void badTokensAreUnauthorized() throws Exception {
    try (HttpClient client = anonymous()) {
      for (String header : List.of("Bearer nonsense", "Bearer a.b.c", "Basic YTpi", "Bearer ")) {
        HttpResponse<String> answer = get(client, "/version", "Authorization", header);
        assertThat(answer.statusCode()).as(header).isEqualTo(401);
        assertThat(answer.body()).contains("\"reason\":\"Unauthorized\"");
      }
    }
  }

  @Test
  void theIssuerIsDiscovered() throws Exception {
    try (HttpClient client = anonymous()) {
      String bearer = "Bearer " + token();
      assertThat(get(client, "/openid/v1/jwks").statusCode()).isEqualTo(403);
      HttpResponse<String> issuer =
          get(client, "/.well-known/openid-configuration", "Authorization", bearer);
      assertThat(Json.read(issuer.body()).string("issuer"))
          .isEqualTo("https://kubernetes.default.svc.cluster.local");
      HttpResponse<String> keys = get(client, "/openid/v1/jwks", "Authorization", bearer);
      assertThat(keys.headers().firstValue("content-type")).contains("application/jwk-set+json");
      assertThat(Json.read(keys.body()).objs("keys")).hasSize(1);
    }
  }

  @Test
  void administratorsImpersonate() throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(server.administratorTls()).build()) {
      HttpResponse<String> answer =
          get(client, "/api/v1/pods", "Impersonate-User", "bob", "Impersonate-Group", "devs");
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).contains("User \\\"bob\\\" cannot list resource \\\"pods\\\"");
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(server.url() + "/apis/authentication.k8s.io/v1/selfsubjectreviews"))
              .headers(
                  "Impersonate-User",
                  "bob",
                  "Impersonate-Uid",
                  "u1",
                  "Impersonate-Extra-scopes%2Fx",
                  "view",
                  "Content-Type",
                  "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"kind\":\"SelfSubjectReview\"}"))
              .build();
      Obj info =
          Json.read(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
              .obj("status")
              .obj("userInfo");
      assertThat(info.string("username")).isEqualTo("bob");
      assertThat(info.string("uid")).isEqualTo("u1");
      assertThat(info.strings("groups")).containsExactly("system:authenticated");
      assertThat(info.obj("extra").strings("scopes/x")).containsExactly("view");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-x"})
  void nobodyIsImpersonatedWithoutAName(String header) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(server.administratorTls()).build()) {
      HttpResponse<String> answer = get(client, "/api/v1/pods", header, "x");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("without impersonating a user");
    }
  }

  @Test
  void kubectlAsksWhatItMay() throws Exception {
    assertThat(server.kubectl("auth", "can-i", "--list").exitCode()).isZero();
    assertThat(server.kubectl("auth", "can-i", "create", "pods").out()).startsWith("yes");
    assertThat(server.kubectl("auth", "can-i", "create", "pods", "--as", "bob").out())
        .startsWith("no");
    assertThat(server.kubectl("auth", "whoami").out())
        .contains("system:admin", "system:masters", "system:authenticated")
        .contains("authentication.kubernetes.io/credential-id", "X509SHA256=");
    String list = server.kubectl("auth", "can-i", "--list", "--as", "bob").out();
    assertThat(list)
        .contains("selfsubjectaccessreviews.authorization.k8s.io", "[/healthz]", "[create]")
        .doesNotContain("pods");
  }

  @Test
  void kubectlReconcilesRoles() throws Exception {
    String role =
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: reader, labels: {a: b}}
        rules:
        - {apiGroups: [""], resources: [%s], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: readers, namespace: default}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
        subjects:
        - {apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}
        """;
    for (String resource : List.of("pods", "services", "services")) {
      TestServer.Outcome outcome =
          server.kubectlWithInput(role.formatted(resource), "auth", "reconcile", "-f", "-");
      assertThat(outcome.out())
          .as(outcome.toString())
          .contains("clusterrole.rbac.authorization.k8s.io/reader reconciled")
          .contains("rolebinding.rbac.authorization.k8s.io/readers reconciled");
    }
    for (String resource : List.of("pods", "services")) {
      long end = System.nanoTime() + 60_000_000_000L;
      TestServer.Outcome may = server.kubectl("auth", "can-i", "get", resource, "--as", "bob");
      while (!may.out().startsWith("yes")) { // roles are watched: the last may be on its way
        assertThat(System.nanoTime()).as(may.toString()).isLessThan(end);
        may = server.kubectl("auth", "can-i", "get", resource, "--as", "bob");
      }
    }
  }

  private Obj whoAmI(SSLContext tls, String... headers) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(server.url() + "/apis/authentication.k8s.io/v1/selfsubjectreviews"))
              .headers(headers)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"kind\":\"SelfSubjectReview\"}"))
              .build();
      return Json.read(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
  }

  @Test
  void aFrontProxySaysWhoseRequestItBringsAndNobodyElseDoes() throws Exception {
    String[] headers = {
      "X-Remote-User", "bob",
      "X-Remote-Uid", "u1",
      "X-Remote-Group", "devs",
      "X-Remote-Group", "ops",
      "X-Remote-Extra-Scopes%2fx", "view"
    };
    Credential proxy = server.frontProxies.frontProxyClient();
    SSLContext byProxy = server.tls(TestServer.keys(proxy, server.frontProxies));
    Obj info = whoAmI(byProxy, headers).obj("status").obj("userInfo");
    assertThat(info.string("username")).isEqualTo("bob");
    assertThat(info.string("uid")).isEqualTo("u1");
    assertThat(info.strings("groups")).containsExactly("devs", "ops", "system:authenticated");
    assertThat(info.obj("extra").strings("scopes/x")).containsExactly("view");
    assertThat(whoAmI(byProxy, "X-Remote-Group", "devs").number("code", 0)).isEqualTo(401);
    Obj self = whoAmI(server.administratorTls(), headers).obj("status").obj("userInfo");
    assertThat(self.string("username")).isEqualTo("system:admin");
    assertThat(whoAmI(server.anonymousTls(), headers).string("message"))
        .contains("system:anonymous");
    Credential own = server.authority.frontProxyClient(); // the cluster's authority, same name
    Obj other =
        whoAmI(server.tls(TestServer.keys(own, server.authority)), headers)
            .obj("status")
            .obj("userInfo");
    assertThat(other.string("username")).isEqualTo("front-proxy-client");
  }
}
