package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A client inside a pod asks the API with the token of the pod's account, as all of them do. */
class PodApiAccessTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String ACCESS = "/var/run/secrets/kubernetes.io/serviceaccount";

  private static TestNode node = TestNode.create();

  @BeforeAll
  static void up() {
    node.wherryUp().ok();
    clientImage();
  }

  @AfterAll
  static void down() {
    node.close();
  }

  /** The sample image with this machine's curl and the libraries that it loads. */
  private static void clientImage() {
    Shell.run(
            List.of(
                "sh",
                "-ec",
                """
                tree=$(mktemp -d)
                mkdir -p "$tree/usr/bin" "$tree/etc" "$tree/tmp" "$tree/proc" "$tree/sys" "$tree/dev"
                ln -s usr/bin "$tree/bin"
                cp /usr/bin/curl /bin/busybox "$tree/usr/bin"
                for each in sh cat echo sleep stat touch; do ln -s busybox "$tree/usr/bin/$each"; done
                ldd /usr/bin/curl | grep -o '/[^ ]*' | xargs -I {} cp --parents -L {} "$tree"
                tar -C "$tree" -cf "$1" .
                rm -rf "$tree"
                """,
                "image",
                node.data().resolve("client.tar").toString()),
            "",
            Map.of())
        .ok();
    node.podman("import", node.data().resolve("client.tar").toString(), "docker.io/test/client:1");
  }

  private static String pod(String name, String account, String more) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec:
      serviceAccountName: %s
      terminationGracePeriodSeconds: 1
      %s
      containers:
      - {name: c, image: "test/client:1", command: [sleep, "3600"]}
    """
        .formatted(name, account, more);
  }

  private static void run(String manifest, String name) {
    node.kubectlWith(manifest, "apply", "-f", "-");
    node.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=60s");
  }

  private static String in(String pod, String script) {
    return node.kubectl("exec", pod, "--", "sh", "-c", script).strip();
  }

  /** The code that the API answers with. */
  private static String status(String pod, String path) {
    return in(
        pod,
        "curl -s -o /dev/null -w '%{http_code}' --cacert "
            + ACCESS
            + "/ca.crt -H \"Authorization: Bearer $(cat "
            + ACCESS
            + "/token)\" https://kubernetes.default.svc"
            + path);
  }

  @Test
  void podsAskTheApiAsTheirAccountAndRbacDecides() {
    node.kubectl("create", "serviceaccount", "reader");
    node.kubectl("create", "role", "read-pods", "--verb=get,list", "--resource=pods");
    node.kubectl(
        "create",
        "rolebinding",
        "read-pods",
        "--role=read-pods",
        "--serviceaccount=default:reader");
    run(pod("reader", "reader", ""), "reader");
    run(pod("other", "default", ""), "other");

    assertThat(in("reader", "cat " + ACCESS + "/namespace")).isEqualTo("default");
    Shell.await(SOON, () -> status("reader", "/api/v1/namespaces/default/pods"), "200"::equals);
    assertThat(status("reader", "/api/v1/namespaces/default/secrets")).isEqualTo("403");
    assertThat(status("other", "/api/v1/namespaces/default/pods")).isEqualTo("403");
    assertThat(status("other", "/version")).isEqualTo("200");
    assertThat(node.tryKubectl("", "exec", "reader", "--", "touch", ACCESS + "/x").failure())
        .contains("Read-only file system");

    String token = in("reader", "cat " + ACCESS + "/token");
    assertThat(whoAmI(token))
        .contains("system:serviceaccount:default:reader", "authentication.kubernetes.io/pod-name");
    node.kubectl("delete", "pod", "reader");
    assertThat(whoAmI(token)).contains("Unauthorized");
  }

  /** What the API makes of a token that somebody carried out of its pod. */
  private static String whoAmI(String token) {
    return node.run(
            "curl",
            "-sk",
            "-H",
            "Authorization: Bearer " + token,
            "-H",
            "Content-Type: application/json",
            "-d",
            "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}",
            "https://127.0.0.1:6443/apis/authentication.k8s.io/v1/selfsubjectreviews")
        .ok();
  }

  @Test
  void tokensBelongToTheirUserOrGroup() {
    run(pod("user", "default", "securityContext: {runAsUser: 1000}"), "user");
    run(pod("group", "default", "securityContext: {runAsUser: 1000, fsGroup: 2000}"), "group");
    run(pod("anybody", "default", ""), "anybody");
    String look = "stat -L -c '%u:%g %a' " + ACCESS + "/token";
    assertThat(in("user", look)).isEqualTo("1000:0 600");
    assertThat(in("group", look)).isEqualTo("1000:2000 640");
    assertThat(in("anybody", look)).isEqualTo("0:0 644");
    assertThat(status("user", "/version")).isEqualTo("200");
  }

  @Test
  void aPodMayWantNoTokenOrOneForAnotherAudience() {
    run(pod("none", "default", "automountServiceAccountToken: false"), "none");
    assertThat(in("none", "cat " + ACCESS + "/token || echo none")).endsWith("none");
    run(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: vault}
        spec:
          containers:
          - name: c
            image: "test/client:1"
            command: [sleep, "3600"]
            volumeMounts: [{name: vault, mountPath: /vault}]
          volumes:
          - name: vault
            projected:
              sources:
              - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 600}
        """,
        "vault");
    String token = in("vault", "cat /vault/token");
    assertThat(new String(Base64.getUrlDecoder().decode(token.split("\\.")[1])))
        .contains("\"aud\":[\"vault\"]");
    assertThat(review(token, "vault"))
        .startsWith("true system:serviceaccount:default:default [\"vault\"]");
    assertThat(review(token, "safe")).as("of another audience").startsWith("  ");
    assertThat(review(token, "")).as("the API is not its audience").startsWith("  ");
    node.kubectl("delete", "pod", "vault");
    assertThat(review(token, "vault")).as("its pod has gone").startsWith("  ");
  }

  /** Whether the token is good for the audience; whose it is; for which. */
  private static String review(String token, String audience) {
    return node.kubectlWith(
        """
        apiVersion: authentication.k8s.io/v1
        kind: TokenReview
        spec: {token: "%s", audiences: [%s]}
        """
            .formatted(token, audience),
        "create",
        "-f",
        "-",
        "-o",
        "jsonpath={.status.authenticated} {.status.user.username} {.status.audiences}");
  }
}
