package dev.wherry.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.util.List;
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
