package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeLabelsTest {
  @Test
  void readsLabels() {
    assertThat(NodeLabels.parse("topology.kubernetes.io/zone=cellar, disk=card,"))
        .isEqualTo(Map.of("topology.kubernetes.io/zone", "cellar", "disk", "card"));
    assertThat(NodeLabels.parse("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          zone                                  | --node-labels must be KEY=VALUE,..., not "zone"
          a b=c                                 | name part must consist of
          a=b c                                 | a valid label must be
          node-role.kubernetes.io/master=       | is not a label that a node may set itself
          node-restriction.kubernetes.io/x=y    | is not a label that a node may set itself
          """)
  void refusesWhatIsNoLabelOfANode(String text, String message) {
    assertThatThrownBy(() -> NodeLabels.parse(text))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(message);
  }
}
