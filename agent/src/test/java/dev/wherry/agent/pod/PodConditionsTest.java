package dev.wherry.agent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a pod's conditions say, in kubelet's words. */
class PodConditionsTest {
  private static final String GATED =
      """
      {"readinessGates":[{"conditionType":"example.com/a"},{"conditionType":"example.com/b"}],
       "containers":[{"name":"app","image":"hello:1"}]}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "True  | True    | True",
        "True  | False   | False ReadinessGatesNotReady"
            + " the status of pod readiness gate \"example.com/b\" is not \"True\", but False",
        "True  |         | False ReadinessGatesNotReady"
            + " corresponding condition of pod readiness gate \"example.com/b\" does not exist.",
        "      | Unknown | False ReadinessGatesNotReady"
            + " corresponding condition of pod readiness gate \"example.com/a\" does not exist.,"
            + " the status of pod readiness gate \"example.com/b\" is not \"True\", but Unknown"
      })
  void readinessGatesHoldAPodBack(@Nullable String a, @Nullable String b, String ready) {
    Pods pod = new Pods(gated(a, b)).running("app");
    assertThat(pod.condition("ContainersReady")).isEqualTo("True");
    assertThat(words(pod, "Ready")).isEqualTo(ready);
  }

  private static PodView gated(@Nullable String a, @Nullable String b) {
    StringBuilder conditions = new StringBuilder();
    if (a != null) {
      conditions.append("{\"type\":\"example.com/a\",\"status\":\"%s\"}".formatted(a));
    }
    if (b != null) {
      conditions
          .append(conditions.isEmpty() ? "" : ",")
          .append("{\"type\":\"example.com/b\",\"status\":\"%s\"}".formatted(b));
    }
    Obj status = Json.read("{\"conditions\":[" + conditions + "]}");
    return new PodView(Pods.pod(GATED).tree().with("status", status));
  }

  private static String words(Pods pod, String type) {
    return pod.state.conditions().stream()
        .filter(each -> each.string("type").equals(type))
        .map(
            each ->
                each.string("status") + " " + each.string("reason") + " " + each.string("message"))
        .findFirst()
        .orElse("")
        .strip();
  }
}
