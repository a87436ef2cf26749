package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The Wherry process is killed: what ran goes on, and the next one takes it over. */
class CrashTest {
  private static final String PODS =
      "jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].containerID} "
          + "{.status.containerStatuses[0].restartCount} {.status.podIP}{\"\\n\"}{end}";

  @Test
  void podsAndServicesOutliveTheServerAndAreAdopted() {
    try (TestNode node = TestNode.up()) {
      node.kubectl("create", "deployment", "web", "--image=wherry/hello:1", "--replicas=2");
      node.kubectl("create", "service", "nodeport", "web", "--tcp=80:80", "--node-port=30080");
      node.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
      String url = "http://" + TestNode.ADDRESS + ":30080/";
      Shell.await(
          Duration.ofSeconds(10), () -> node.curl(url), answer -> answer.startsWith("web-"));
      String before = node.kubectl("get", "pods", "-o", PODS);

      node.server().destroyForcibly();
      node.server().onExit().join();
      assertThat(node.curl(url)).startsWith("web-");

      node.wherryUp().ok();
      assertThat(node.curl(url)).startsWith("web-");
      node.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
      assertThat(node.kubectl("get", "pods", "-o", PODS)).isEqualTo(before);
    }
  }

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() {
    try (TestNode node = TestNode.up()) {
      for (int i = 0; i < 10; i++) {
        node.kubectl("create", "configmap", "kept-" + i, "--from-literal=n=" + i);
      }
      node.server().destroyForcibly();
      node.server().onExit().join();
      node.wherryUp().ok();
      String names = node.kubectl("get", "configmaps", "-o", "name");
      for (int i = 0; i < 10; i++) {
        assertThat(names).contains("configmap/kept-" + i);
      }
    }
  }
}
