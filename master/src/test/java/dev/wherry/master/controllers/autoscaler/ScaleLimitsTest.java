package dev.wherry.master.controllers.autoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.HorizontalPodAutoscalerView;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** autoscaling/v2: HorizontalPodAutoscalerBehavior. */
class ScaleLimitsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static ScaleLimits limits(
      String behavior, long current, long desired, ScaleHistory history) {
    HorizontalPodAutoscalerView autoscaler =
        new HorizontalPodAutoscalerView(
            Json.read(
                "{'spec': {'minReplicas': 2, 'maxReplicas': 100, 'behavior': {%s}}}"
                    .formatted(behavior)
                    .replace('\'', '"')));
    return ScaleLimits.of(autoscaler, current, desired, history, NOW);
  }

  /** {@code Pods 4/60}: so many in so many seconds; {@code Min}: how they go together. */
  private static String rules(String policies) {
    StringBuilder written = new StringBuilder();
    String select = "";
    for (String each : policies.isEmpty() ? new String[0] : policies.split(", ", -1)) {
      String[] words = each.split("[ /]", -1);
      if (words.length == 1) {
        select = ", 'selectPolicy': '" + each + "'";
      } else {
        written
            .append(written.isEmpty() ? "" : ", ")
            .append(
                "{'type': '%s', 'value': %s, 'periodSeconds': %s}"
                    .formatted(words[0], words[1], words[2]));
      }
    }
    return "{'stabilizationWindowSeconds': 0, 'policies': [%s]%s}".formatted(written, select);
  }

  /** {@code +4@10 -1@70}: so many came or went so many seconds ago. */
  private static ScaleHistory changes(String text) {
    ScaleHistory history = ScaleHistory.EMPTY;
    for (String each : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      String[] words = each.split("@", -1);
      history =
          history.changed(NOW.minusSeconds(Long.parseLong(words[1])), Long.parseLong(words[0]));
    }
    return history;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # four pods or as many again in 15 s, whatever is more
          ''                                    | 2  | 30  | ''          | 6   | ScaleUpLimit
          ''                                    | 10 | 30  | ''          | 20  | ScaleUpLimit
          ''                                    | 10 | 15  | ''          | 15  | DesiredWithinRange
          ''                                    | 6  | 30  | +4@10       | 6   | ScaleUpLimit
          ''                                    | 6  | 30  | +4@16       | 12  | ScaleUpLimit
          ''                                    | 60 | 200 | ''          | 100 | TooManyReplicas
          # one policy
          Pods 4/60                             | 10 | 30  | ''          | 14  | ScaleUpLimit
          Pods 4/60                             | 13 | 30  | +3@59       | 14  | ScaleUpLimit
          Pods 4/60                             | 13 | 30  | +3@60       | 17  | ScaleUpLimit
          Percent 50/60                         | 10 | 30  | ''          | 15  | ScaleUpLimit
          Percent 50/60                         | 5  | 30  | ''          | 8   | ScaleUpLimit
          # a small percentage is rounded up: it would never grow
          Percent 1/60                          | 10 | 30  | ''          | 11  | ScaleUpLimit
          # what went in the period may come back beside
          Pods 4/60                             | 8  | 30  | -2@30       | 14  | ScaleUpLimit
          # several policies
          Pods 4/60, Percent 50/60              | 10 | 30  | ''          | 15  | ScaleUpLimit
          Pods 4/60, Percent 50/60, Max         | 6  | 30  | ''          | 10  | ScaleUpLimit
          Pods 4/60, Percent 50/60, Min         | 10 | 30  | ''          | 14  | ScaleUpLimit
          Pods 4/60, Percent 50/60, Min         | 6  | 30  | ''          | 9   | ScaleUpLimit
          # each over its own period: four a minute are spent, ten in ten minutes are not
          Pods 4/60, Pods 10/600, Min           | 14 | 30  | +4@30       | 14  | ScaleUpLimit
          Pods 4/60, Pods 10/600, Max           | 14 | 30  | +4@30       | 20  | ScaleUpLimit
          Pods 4/60, Disabled                   | 10 | 30  | ''          | 10  | ScaleUpLimit
          """)
  void growsByItsPolicies(
      String policies, long current, long desired, String changes, long replicas, String reason) {
    String behavior = policies.isEmpty() ? "" : "'scaleUp': " + rules(policies);
    ScaleLimits limits = limits(behavior, current, desired, changes(changes));
    assertThat(limits.replicas()).isEqualTo(replicas);
    assertThat(limits.limited().reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # all at once
          ''                                    | 80 | 3   | ''          | 3   | DesiredWithinRange
          ''                                    | 80 | 1   | ''          | 2   | TooFewReplicas
          # one policy
          Pods 4/60                             | 80 | 3   | ''          | 76  | ScaleDownLimit
          Pods 4/60                             | 77 | 3   | -3@59       | 76  | ScaleDownLimit
          Pods 4/60                             | 77 | 3   | -3@60       | 73  | ScaleDownLimit
          Pods 4/60                             | 76 | 3   | -4@30       | 76  | ScaleDownLimit
          Percent 10/60                         | 80 | 3   | ''          | 72  | ScaleDownLimit
          # rounded down: the last one goes, too
          Percent 10/60                         | 15 | 3   | ''          | 13  | ScaleDownLimit
          Percent 10/60                         | 5  | 3   | ''          | 4   | ScaleDownLimit
          # what came in the period may go beside
          Pods 4/60                             | 80 | 3   | +2@30       | 74  | ScaleDownLimit
          # several policies: the most change, or the least
          Pods 4/60, Percent 10/60              | 80 | 3   | ''          | 72  | ScaleDownLimit
          Pods 4/60, Percent 10/60, Max         | 10 | 3   | ''          | 6   | ScaleDownLimit
          Pods 4/60, Percent 10/60, Min         | 80 | 3   | ''          | 76  | ScaleDownLimit
          Pods 4/60, Percent 10/60, Min         | 10 | 3   | ''          | 9   | ScaleDownLimit
          Pods 4/60, Disabled                   | 80 | 3   | ''          | 80  | ScaleDownLimit
          """)
  void shrinksByItsPolicies(
      String policies, long current, long desired, String changes, long replicas, String reason) {
    String behavior =
        "'scaleDown': "
            + (policies.isEmpty() ? "{'stabilizationWindowSeconds': 0}" : rules(policies));
    ScaleLimits limits = limits(behavior, current, desired, changes(changes));
    assertThat(limits.replicas()).isEqualTo(replicas);
    assertThat(limits.limited().reason()).isEqualTo(reason);
  }

  /** Windows up and down in seconds, empty: the default; {@code 6@200}: thought right then. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # shrinking: the most of what was thought right in five minutes
          ''  | ''  | 8 | 3 | 6@200      | 6 | ScaleDownStabilized
          ''  | ''  | 8 | 3 | 9@200      | 8 | ScaleDownStabilized
          ''  | ''  | 8 | 3 | 6@300      | 3 | ''
          ''  | ''  | 8 | 3 | 6@100 7@50 | 7 | ScaleDownStabilized
          ''  | 60  | 8 | 3 | 6@200      | 3 | ''
          ''  | 60  | 8 | 3 | 6@59       | 6 | ScaleDownStabilized
          ''  | 0   | 8 | 3 | 6@1        | 3 | ''
          ''  | 0   | 8 | 3 | 6@0        | 3 | ''
          # growing: at once, or the least of the window
          ''  | ''  | 3 | 6 | 3@10       | 6 | ''
          60  | ''  | 3 | 6 | 4@10       | 4 | ScaleUpStabilized
          60  | ''  | 3 | 6 | 2@10       | 3 | ScaleUpStabilized
          60  | ''  | 3 | 6 | 4@60       | 6 | ''
          60  | ''  | 3 | 6 | 5@40 4@10  | 4 | ScaleUpStabilized
          # flapping within both windows changes nothing
          300 | 300 | 5 | 6 | 4@100 7@50 | 5 | ScaleUpStabilized
          300 | 300 | 5 | 4 | 4@100 7@50 | 5 | ScaleDownStabilized
          """)
  void waitsUntilWhatItIsToldLasts(
      String up, String down, long current, long desired, String told, long replicas, String why) {
    ScaleHistory history = ScaleHistory.EMPTY;
    for (String each : told.split(" ", -1)) {
      String[] words = each.split("@", -1);
      history =
          history.recommended(NOW.minusSeconds(Long.parseLong(words[1])), Long.parseLong(words[0]));
    }
    String behavior = window("scaleUp", up) + ", " + window("scaleDown", down);
    ScaleLimits limits = limits(behavior, current, desired, history);
    assertThat(limits.replicas()).isEqualTo(replicas);
    assertThat(limits.stabilized().reason()).isEqualTo(why);
  }

  private static String window(String direction, String seconds) {
    return seconds.isEmpty()
        ? "'" + direction + "': {}"
        : "'%s': {'stabilizationWindowSeconds': %s}".formatted(direction, seconds);
  }
}
