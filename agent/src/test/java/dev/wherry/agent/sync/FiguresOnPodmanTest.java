package dev.wherry.agent.sync;

import static dev.wherry.agent.sync.TestNode.container;
import static dev.wherry.agent.sync.TestNode.pod;
import static dev.wherry.agent.sync.TestNode.uid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.dns.DnsCounts;
import dev.wherry.agent.metrics.NodeMetrics;
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.volume.TreeSizes;
import dev.wherry.agent.volume.VolumeUsages;
import dev.wherry.api.tree.Obj;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is told of pods that write, on real Podman. */
class FiguresOnPodmanTest {
  private static final long MIB = 1 << 20;

  private static TestNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNode.started();
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private static NodeMetrics metrics() {
    return new NodeMetrics(
        node.runtime,
        "node-1",
        "v1.36.0",
        node.directories.data(),
        new VolumeUsages(node.desired, node.directories, new TreeSizes()),
        Optional::empty,
        new ProbeCounts(),
        new DnsCounts(),
        InstantSource.system());
  }

  @Test
  void tellsApartWhatAPodWritesToItsLayerItsVolumesAndItsLog() throws Exception {
    String script =
        "dd if=/dev/zero of=/own bs=1048576 count=3 2>/dev/null;"
            + "dd if=/dev/zero of=/disk/a bs=1048576 count=2 2>/dev/null;"
            + "dd if=/dev/zero of=/memory/a bs=1048576 count=1 2>/dev/null;"
            + "echo words; touch /ready; trap 'exit 0' TERM; while :; do sleep 0.1; done";
    String ready =
        """
        ,"readinessProbe":{"exec":{"command":["test","-e","/ready"]},"periodSeconds":1},
         "volumeMounts":[{"name":"disk","mountPath":"/disk"},{"name":"memory","mountPath":"/memory"}]
        """;
    Obj pod =
        pod(
            "writes",
            container("app", script, ready),
            """
            "volumes":[{"name":"disk","emptyDir":{}},
              {"name":"memory","emptyDir":{"medium":"Memory","sizeLimit":"4Mi"}}],
            """);
    node.apply(pod);
    node.awaitReady(pod);

    NodeMetrics metrics = metrics();
    // Whoever asks first is not kept waiting for long: on a busy machine a tree may lack at first.
    Await.until(
        "its layer and its disk",
        () -> {
          Obj told = metrics.summary().objs("pods").getFirst();
          return told.objs("volume").size() == 2
              && told.objs("containers").getFirst().has("rootfs");
        });
    Obj told = metrics.summary().objs("pods").getFirst();
    Obj container = told.objs("containers").getFirst();
    assertThat(container.at("rootfs").number("usedBytes", 0)).isBetween(3 * MIB, 3 * MIB + MIB / 4);
    assertThat(container.at("logs").number("usedBytes", 0)).isBetween(1L, 65_536L);
    Obj disk = told.objs("volume").getFirst();
    assertThat(disk.number("usedBytes", 0)).isEqualTo(2 * MIB);
    Obj memory = told.objs("volume").get(1);
    assertThat(memory.number("usedBytes", 0)).isEqualTo(MIB);
    assertThat(memory.number("capacityBytes", 0)).isEqualTo(4 * MIB);
    assertThat(told.at("ephemeral-storage").number("usedBytes", 0))
        .as("memory is none of it")
        .isBetween(5 * MIB, 5 * MIB + MIB / 2);
    assertThat(metrics.cadvisor())
        .containsPattern(
            "container_fs_usage_bytes\\{container=\"app\",device=\"[^\"]+\",.*} 3\\d{6}\n");

    node.delete(pod);
    node.reports.await("gone", () -> node.reports.isGone(uid(pod)));
  }
}
