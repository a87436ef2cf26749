package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The application of a beginner's tutorial, by commands and by manifests, and what bad input gets.
 */
class TutorialTest {
  private static final String IMAGE = "wherry/hello:1";
  private static final Duration SOON = Duration.ofSeconds(60);

  private static TestNode node = TestNode.create();

  @BeforeAll
  static void up() {
    String said = node.wherryUp().ok();
    assertThat(said).contains(node.data().resolve("kubeconfig").toString());
  }

  @AfterAll
  static void down() {
    node.close();
  }

  @AfterEach
  void removeWhatTheScenarioMade() {
    node.kubectl("delete", "deployments,services", "-l", "app", "--wait=false");
    node.kubectl("delete", "pods", "--all", "--grace-period=1");
  }

  @Test
  void imperative() {
    node.kubectl("create", "deployment", "web", "--image=" + IMAGE);
    assertThat(
            node.kubectl(
                "expose", "deployment", "web", "--port=80", "--target-port=80", "--type=NodePort"))
        .contains("service/web exposed");
    node.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=60s");

    assertThat(node.kubectl("get", "pods"))
        .containsPattern("web-[a-z0-9]+-[a-z0-9]+ +1/1 +Running +0 +");
    assertThat(node.kubectl("get", "pods", "-o", "wide"))
        .contains("NODE")
        .contains("node-1")
        .contains("10.42.");
    assertThat(node.kubectl("get", "svc"))
        .containsPattern("web +NodePort +10\\.43\\..*80:3\\d{4}/TCP");

    node.kubectl("scale", "deployment", "web", "--replicas=3");
    assertThat(node.kubectl("rollout", "status", "deployment/web", "--timeout=60s"))
        .contains("successfully rolled out");
    node.kubectl(
        "patch",
        "service",
        "web",
        "--type=json",
        "-p",
        "[{\"op\":\"replace\",\"path\":\"/spec/ports/0/nodePort\",\"value\":30080}]");
    assertThat(answersOf("http://" + TestNode.ADDRESS + ":30080/", 3))
        .isEqualTo(podNames("app=web"));

    String pod = podNames("app=web").iterator().next();
    assertThat(node.kubectl("exec", pod, "--", "hostname")).isEqualTo(pod + "\n");
    assertThat(node.kubectlWith("to the container and back", "exec", "-i", pod, "--", "cat"))
        .isEqualTo("to the container and back");
    assertThat(
            node.kubectlOnTerminal("exec -it " + pod + " -- sh -c 'test -t 0 && echo a terminal'")
                .ok())
        .contains("a terminal");
    assertThat(node.tryKubectl("", "exec", pod, "--", "sh", "-c", "exit 7").code()).isEqualTo(7);
    assertThat(node.kubectl("logs", pod)).contains("GET /");
    assertThat(node.kubectl("describe", "pod", pod))
        .contains("Status:", "Running")
        .contains("Scheduled", "Pulled", "Created", "Started")
        .contains("wherry/hello:1");

    node.kubectl("delete", "deployment", "web");
    node.kubectl("delete", "svc", "web");
    Shell.await(SOON, () -> podNames("app=web"), Set::isEmpty);
    Shell.await(
        SOON,
        () -> node.curl("http://" + TestNode.ADDRESS + ":30080/"),
        answer -> answer.startsWith("curl: "));
  }

  @Test
  void declarative() {
    String three = manifest(3);
    assertThat(node.kubectlWith(three, "apply", "-f", "-"))
        .contains("deployment.apps/site created", "service/site created");
    node.kubectl("rollout", "status", "deployment/site", "--timeout=60s");
    assertThat(answersOf("http://" + TestNode.ADDRESS + ":30081/", 3))
        .isEqualTo(podNames("app=site"));

    assertThat(node.kubectlWith(three, "apply", "-f", "-"))
        .contains("deployment.apps/site unchanged", "service/site unchanged");
    assertThat(node.kubectlWith(three, "diff", "-f", "-")).isEmpty();

    String two = manifest(2);
    assertThat(node.tryKubectl(two, "diff", "-f", "-"))
        .satisfies(
            diff -> {
              assertThat(diff.code()).isEqualTo(1);
              assertThat(diff.out()).contains("-  replicas: 3", "+  replicas: 2");
            });
    assertThat(node.kubectlWith(two, "apply", "-f", "-"))
        .contains("deployment.apps/site configured");
    Shell.await(SOON, () -> podNames("app=site"), names -> names.size() == 2);

    node.kubectlWith(two, "delete", "-f", "-");
    Shell.await(SOON, () -> podNames("app=site"), Set::isEmpty);
  }

  @Test
  void deletedPodIsReplaced() {
    node.kubectlWith(manifest(2), "apply", "-f", "-");
    node.kubectl("rollout", "status", "deployment/site", "--timeout=60s");
    Set<String> before = podNames("app=site");
    String victim = before.iterator().next();
    node.kubectl("delete", "pod", victim);
    Shell.await(
        SOON, () -> podNames("app=site"), names -> names.size() == 2 && !names.contains(victim));
    node.kubectl("wait", "--for=condition=Ready", "pod", "-l", "app=site", "--timeout=30s");
  }

  @Test
  void killedProcessIsRestartedInItsPod() {
    node.kubectlWith(manifest(1), "apply", "-f", "-");
    node.kubectl("rollout", "status", "deployment/site", "--timeout=60s");
    String pod = podNames("app=site").iterator().next();
    node.tryKubectl("", "exec", pod, "--", "kill", "1");
    Shell.await(
        SOON,
        () ->
            node.kubectl(
                "get",
                "pod",
                pod,
                "-o",
                "jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}"),
        status -> status.equals("1 true"));
    assertThat(node.kubectl("get", "pods")).containsPattern(pod + " +1/1 +Running +1 \\(");
  }

  @Test
  void unknownFieldIsRefusedWithItsPath() {
    String manifest = manifest(1).replace("  replicas: 1", "  replicaz: 1");
    assertThat(node.tryKubectl(manifest, "apply", "-f", "-").failure())
        .contains("unknown field \"spec.replicaz\"");
  }

  @Test
  void badInputIsRefusedWithCauses() {
    assertThat(
            node.tryKubectl(manifest(1).replace("name: site", "name: Site_1"), "apply", "-f", "-")
                .failure())
        .contains("metadata.name: Invalid value: \"Site_1\"");
    assertThat(
            node.tryKubectl(
                    manifest(1).replace("replicas: 1", "replicas: many"),
                    "apply",
                    "--validate=false",
                    "-f",
                    "-")
                .failure())
        .contains(
            "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
    assertThat(
            node.tryKubectl(
                    manifest(1).replace("image: " + IMAGE, "image: \"\""), "apply", "-f", "-")
                .failure())
        .contains("spec.template.spec.containers[0].image: Required value");
    assertThat(
            node.tryKubectl(
                    manifest(1)
                        .replace(
                            "image: " + IMAGE,
                            "image: " + IMAGE + "\n          resources: {limits: {memory: 64Q}}"),
                    "apply",
                    "--validate=false",
                    "-f",
                    "-")
                .failure())
        .contains("quantities must match the regular expression");
    assertThat(podNames("app=site")).isEmpty();
  }

  @Test
  void missingImageBacksOffAndRecovers() {
    // Nothing listens there, so that the pull fails at once.
    String image = "127.0.0.1:9/lost:1";
    node.kubectl("create", "deployment", "lost", "--image=" + image);
    Shell.await(SOON, () -> waitingReason("app=lost"), reason -> reason.equals("ImagePullBackOff"));
    assertThat(node.kubectl("describe", "pods", "-l", "app=lost"))
        .contains("Failed to pull image \"" + image + "\"", "ErrImagePull");

    node.podman("tag", IMAGE, image);
    node.kubectl("rollout", "status", "deployment/lost", "--timeout=60s");
    node.podman("untag", IMAGE, image);
  }

  private static String waitingReason(String selector) {
    return node.kubectl(
        "get",
        "pods",
        "-l",
        selector,
        "-o",
        "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}");
  }

  @Test
  void secondWherryOnTheSameDirectoryOrPortIsRefused() {
    assertThat(node.wherryUp().failure())
        .contains("the data directory " + node.data() + " is in use by another Wherry");
    String other = node.data() + "-other";
    assertThat(
            node.run(Shell.HOME + "/wherry", "up", "--data-dir", other, "--node-name", "node-1")
                .failure())
        .contains("port 6443 is in use");
    assertThat(Path.of(other)).doesNotExist();
  }

  @Test
  void statusTellsWhatRuns() {
    assertThat(node.wherry("status").ok()).contains("ready", "node-1", node.data().toString());
    assertThat(node.wherry("status", "-o", "json").ok())
        .contains("\"name\":\"wherry\"", "\"ready\":true");
    assertThat(node.wherry("kubeconfig").ok()).contains("certificate-authority-data");
  }

  private static Set<String> podNames(String selector) {
    String names =
        node.kubectl("get", "pods", "-l", selector, "-o", "jsonpath={.items[*].metadata.name}");
    return names.isBlank() ? Set.of() : new TreeSet<>(Set.of(names.strip().split(" ")));
  }

  /** The distinct answers of a URL once there are so many, each a pod's host name. */
  private static Set<String> answersOf(String url, int wanted) {
    Set<String> answers = new TreeSet<>();
    return Shell.await(
        SOON,
        () -> {
          String answer = node.curl(url);
          if (!answer.startsWith("curl: ")) {
            answers.add(answer);
          }
          return answers;
        },
        seen -> seen.size() >= wanted);
  }

  private static String manifest(int replicas) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: site
          labels: {app: site}
        spec:
          replicas: %d
          selector:
            matchLabels: {app: site}
          template:
            metadata:
              labels: {app: site}
            spec:
              containers:
                - name: site
                  image: %s
                  ports:
                    - containerPort: 80
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: site
          labels: {app: site}
        spec:
          type: NodePort
          selector: {app: site}
          ports:
            - port: 80
              targetPort: 80
              nodePort: 30081
        """
        .formatted(replicas, IMAGE);
  }
}
