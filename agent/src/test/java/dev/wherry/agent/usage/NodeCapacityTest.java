package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCapacityTest {
  private static final long GIB = 1L << 30;
  private static final long MIB = 1L << 20;

  @TempDir Path pools;

  @Test
  void podsAreGivenWhatIsNeitherReservedNorKeptFree() {
    NodeCapacity node =
        new NodeCapacity(Map.of("cpu", 4000L, "memory", GIB, "pods", 110L), Map.of())
            .keeping(Map.of("cpu", 500L, "memory", 100 * MIB))
            .keeping(Map.of("memory", 100 * MIB));
    assertThat(node.allocatable())
        .isEqualTo(Obj.of("cpu", "3500m", "memory", 824 * 1024 + "Ki", "pods", "110"));
    assertThat(node.capacity())
        .isEqualTo(Obj.of("cpu", "4", "memory", GIB / 1024 + "Ki", "pods", "110"));
    assertThat(node.keeping(Map.of("cpu", 9000L)).allocatable("cpu")).isZero();
  }

  @Test
  void pagesThatWereSetAsideAreNobodysMemory() throws Exception {
    Files.writeString(
        Files.createDirectory(pools.resolve("hugepages-2048kB")).resolve("nr_hugepages"), "64\n");
    Files.writeString(
        Files.createDirectory(pools.resolve("hugepages-1048576kB")).resolve("nr_hugepages"), "0\n");
    Map<String, Long> pages = NodeCapacity.hugePages(pools);
    assertThat(pages).isEqualTo(Map.of("hugepages-2Mi", 128 * MIB, "hugepages-1Gi", 0L));
    NodeCapacity node = new NodeCapacity(Map.of("memory", GIB), Map.of()).with(pages);
    assertThat(node.allocatable("memory")).isEqualTo(GIB - 128 * MIB);
    assertThat(node.allocatable("hugepages-2Mi")).isEqualTo(128 * MIB);
    assertThat(NodeCapacity.hugePages(pools.resolve("none"))).isEmpty();
  }
}
