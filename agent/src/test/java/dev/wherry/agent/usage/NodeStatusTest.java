package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In which events a node's conditions change. */
class NodeStatusTest {
  private static List<Obj> conditions(String words) {
    return List.of(words.split(",")).stream()
        .map(each -> each.split("="))
        .map(each -> Obj.of("type", each[0], "status", each[1]))
        .toList();
  }

  @Test
  void tellsWhereTheNodeIsAndWhatItsEngineCan() {
    Obj status =
        NodeStatus.render(
            "n",
            List.of("192.0.2.1", "2001:db8::1"),
            new NodeCapacity(Map.of(), Map.of()),
            NodeInfo.read("podman://4.3.1", "v1"),
            new NodeStatus.Features(true, false),
            new NodeStatus.Health("", false, false, false),
            List.of(),
            List.of(),
            Instant.EPOCH);
    assertThat(status.objs("addresses"))
        .containsExactly(
            Obj.of("type", "InternalIP", "address", "192.0.2.1"),
            Obj.of("type", "InternalIP", "address", "2001:db8::1"),
            Obj.of("type", "Hostname", "address", "n"));
    assertThat(status.obj("features").flag("supplementalGroupsPolicy")).isTrue();
    Obj handler = status.objs("runtimeHandlers").getFirst();
    assertThat(handler.string("name")).isEmpty();
    assertThat(handler.obj("features"))
        .isEqualTo(Obj.of("recursiveReadOnlyMounts", true, "userNamespaces", false));
  }

  @ParameterizedTest
  @CsvSource({
    "'Ready=False', 'Ready=False', ''",
    "'Ready=False', 'Ready=True', NodeReady",
    "'Ready=True', 'Ready=False', NodeNotReady",
    "'MemoryPressure=False,PIDPressure=False', 'MemoryPressure=True,PIDPressure=True',"
        + " NodeHasInsufficientMemory NodeHasInsufficientPID",
    "'DiskPressure=False', 'DiskPressure=True', NodeHasDiskPressure",
    "'X=True', 'MemoryPressure=False,DiskPressure=False,PIDPressure=False,Ready=True',"
        + " NodeHasSufficientMemory NodeHasNoDiskPressure NodeHasSufficientPID NodeReady",
  })
  void namesWhatChanged(String before, String now, String events) {
    assertThat(String.join(" ", NodeStatus.changes(conditions(before), conditions(now))))
        .isEqualTo(events);
  }
}
