package dev.wherry.master.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailurePolicyTest {
  private static final String POD =
      """
      {'metadata': {'namespace': 'n', 'name': 'p'}, 'status': {'phase': 'Failed',
       'initContainerStatuses': [{'name': 'i', 'state': {'terminated': {'exitCode': %d}}}],
       'containerStatuses': [
        {'name': 'c', 'state': {'terminated': {'exitCode': %d}}},
        {'name': 'd', 'state': {'terminated': {'exitCode': %d}}}],
       'conditions': [{'type': 'DisruptionTarget', 'status': '%s'}]}}""";

  /** Exit codes of an init container and of two containers, the pod's DisruptionTarget. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          FailJob exit In 42          | 0  | 42 | 0  | False | FailJob: Container c for pod n/p failed with exit code 42 matching FailJob rule at index 0
          FailJob exit In 42          | 42 | 0  | 0  | False | FailJob: Container i for pod n/p failed with exit code 42 matching FailJob rule at index 0
          FailJob exit In 42          | 0  | 1  | 0  | False | "Count: "
          FailIndex exit In 41,42 d   | 0  | 42 | 1  | False | "Count: "
          FailIndex exit In 41,42 d   | 0  | 1  | 41 | False | FailIndex: Container d for pod n/p failed with exit code 41 matching FailIndex rule at index 0
          Ignore exit NotIn 42        | 0  | 0  | 7  | False | Ignore: Container d for pod n/p failed with exit code 7 matching Ignore rule at index 0
          Ignore exit NotIn 42        | 0  | 42 | 42 | False | "Count: "
          Ignore exit NotIn 42        | 0  | 0  | 0  | False | "Count: "
          Ignore condition True       | 0  | 1  | 0  | True  | Ignore: Pod n/p has condition DisruptionTarget matching Ignore rule at index 0
          Ignore condition True       | 0  | 1  | 0  | False | "Count: "
          Count condition False       | 0  | 1  | 0  | False | Count: Pod n/p has condition DisruptionTarget matching Count rule at index 0
          Count exit In 1;FailJob exit In 1,2 | 0 | 1 | 0 | False | Count: Container c for pod n/p failed with exit code 1 matching Count rule at index 0
          Count exit In 1;FailJob exit In 1,2 | 0 | 2 | 0 | False | FailJob: Container c for pod n/p failed with exit code 2 matching FailJob rule at index 1
          """)
  void goesByTheFirstRuleThatMatches(
      String rules, int init, int first, int second, String disrupted, String expected) {
    StringBuilder written = new StringBuilder();
    for (String rule : rules.split(";", -1)) {
      written.append(written.isEmpty() ? "" : ",").append(rule(rule.split(" ", -1)));
    }
    JobView job =
        new JobView(
            Json.read(
                "{'spec': {'podFailurePolicy': {'rules': [%s]}}}"
                    .formatted(written)
                    .replace('\'', '"')));
    PodView pod =
        new PodView(Json.read(POD.formatted(init, first, second, disrupted).replace('\'', '"')));
    FailurePolicy.Verdict verdict = FailurePolicy.of(job).on(pod);
    assertThat(verdict.action() + ": " + verdict.message()).isEqualTo(expected);
  }

  private static String rule(String... words) {
    if (words[1].equals("condition")) {
      return "{'action': '%s', 'onPodConditions': [{'type': 'DisruptionTarget', 'status': '%s'}]}"
          .formatted(words[0], words[2]);
    }
    String only = words.length > 4 ? ", 'containerName': '" + words[4] + "'" : "";
    return "{'action': '%s', 'onExitCodes': {'operator': '%s', 'values': [%s]%s}}"
        .formatted(words[0], words[2], words[3], only);
  }
}
