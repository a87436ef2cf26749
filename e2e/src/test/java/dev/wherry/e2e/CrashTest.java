package dev.wherry.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
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

      assertThat(answersWhile(node, url, () -> node.wherryUp().ok()))
          .isNotEmpty()
          .allMatch(answer -> answer.startsWith("web-"));
      node.kubectl("rollout", "status", "deployment/web", "--timeout=60s");
      assertThat(node.kubectl("get", "pods", "-o", PODS)).isEqualTo(before);
    }
  }

  /** What a URL answers, again and again, from before something is done until after it. */
  private static List<String> answersWhile(TestNode node, String url, Runnable action) {
    List<String> answers = new ArrayList<>();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> asking =
        CompletableFuture.runAsync(
            () -> {
              do {
                answers.add(node.curl(url));
              } while (!done.get());
            });
    try {
      action.run();
    } finally {
      done.set(true);
    }
    asking.join();
    return answers;
  }

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() {
    try (TestNode node = TestNode.up()) {
      for (int i = 0; i < 10; i++) {
        node.kubectl("create", "configmap", "kept-" + i, "--from-literal=n=" + i);
      }
      for (int i = 0; i < 3; i++) {
        node.kubectl("create", "service", "nodeport", "before-" + i, "--tcp=80");
      }
      String ip = node.kubectl("get", "svc", "before-0", "-o", "jsonpath={.spec.clusterIP}");
      node.server().destroyForcibly();
      node.server().onExit().join();
      node.wherryUp().ok();
      String names = node.kubectl("get", "configmaps", "-o", "name");
      for (int i = 0; i < 10; i++) {
        assertThat(names).contains("configmap/kept-" + i);
      }
      nothingIsHandedOutTwice(node, ip);
    }
  }

  /** Addresses and ports that were held before the kill are held after it. */
  private static void nothingIsHandedOutTwice(TestNode node, String heldIp) {
    for (int i = 0; i < 3; i++) {
      node.kubectl("create", "service", "nodeport", "after-" + i, "--tcp=80");
    }
    for (String field : List.of("clusterIP", "ports[0].nodePort")) {
      List<String> held =
          node.kubectl(
                  "get", "svc", "-o", "jsonpath={range .items[*]}{.spec." + field + "}{'\\n'}{end}")
              .lines()
              .filter(value -> !value.isBlank())
              .toList();
      assertThat(held).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(6);
    }
    assertThat(
            node.tryKubectl(
                    "",
                    "create",
                    "service",
                    "clusterip",
                    "late",
                    "--tcp=80",
                    "--clusterip=" + heldIp)
                .failure())
        .contains("failed to allocate IP " + heldIp + ": provided IP is already allocated");
  }
}
