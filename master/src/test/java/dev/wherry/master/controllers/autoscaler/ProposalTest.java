package dev.wherry.master.controllers.autoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kubernetes: Horizontal Pod Autoscaling, algorithm details. */
class ProposalTest {
  private static final long REQUEST = 1000;

  /** {@code 300} uses so much, {@code ?} is missing, {@code -} is not ready, {@code x} ends. */
  private static List<PodReading> pods(String text) {
    List<PodReading> pods = new ArrayList<>();
    for (String each : text.split(" ", -1)) {
      pods.add(
          switch (each) {
            case "?" -> new PodReading(PodReading.State.MISSING, 0, REQUEST);
            case "-" -> new PodReading(PodReading.State.UNREADY, 0, REQUEST);
            case "x" -> new PodReading(PodReading.State.IGNORED, 0, REQUEST);
            default -> new PodReading(PodReading.State.COUNTED, Long.parseLong(each), REQUEST);
          });
    }
    return pods;
  }

  /** Each pod requests 1000; the target is a percentage of that. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # the ratio of usage and target
          3 | 300 500 700             | 30  | 5
          4 | 600 600 600 600         | 30  | 8
          5 | 100 300 500 250 250     | 50  | 3
          2 | 500 500                 | 50  | 2
          # within a tenth nothing is done
          3 | 1010 1030 1020          | 100 | 3
          3 | 1100 1100 1100          | 100 | 3
          3 | 1110 1110 1110          | 100 | 4
          3 | 900 900 900             | 100 | 3
          3 | 890 890 890             | 100 | 3
          4 | 740 740 740 740         | 100 | 3
          # percentages are whole ones: 1109 of 1000 is 110 %
          3 | 1109 1109 1109          | 100 | 3
          # growing: who is not ready, or unknown, uses nothing
          3 | 500 700 -               | 30  | 4
          3 | 400 - -                 | 30  | 3
          3 | 500 700 ?               | 30  | 4
          4 | 300 500 ? -             | 30  | 4
          # shrinking: who is unknown uses all that it requests, who is not ready does not count
          4 | 100 200 300 ?           | 50  | 4
          4 | 100 100 100 ?           | 50  | 3
          3 | 100 100 -               | 50  | 1
          5 | 100 100 100 100 ?       | 120 | 2
          # what is assumed never turns the direction
          4 | 450 450 ? ?             | 50  | 4
          3 | 550 ? ?                 | 50  | 3
          # just right by what is known: nothing is assumed
          3 | 500 500 ?               | 50  | 3
          6 | 500 ? ? ? ? ?           | 50  | 6
          # who ends is not there
          4 | 10 10 10 x              | 50  | 1
          2 | 600 600 x               | 30  | 4
          """)
  void ofUtilization(long current, String pods, long percent, long replicas) {
    assertThat(
            Proposal.ofUtilization(current, pods(pods), percent, Proposal.Tolerance.DEFAULT)
                .replicas())
        .isEqualTo(replicas);
  }

  /** The target is an amount for each pod. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          3 | 20 10 30   | 15   | 4
          3 | 537 544 10 | 500  | 3
          5 | 20 20 20 20 20 | 100 | 1
          3 | 20 20 20   | 20   | 3
          3 | 60 60 -    | 30   | 4
          3 | 60 60 ?    | 30   | 4
          3 | 10 10 ?    | 30   | 2
          3 | 10 10 -    | 30   | 1
          3 | 30 30 ?    | 30   | 3
          """)
  void ofAverage(long current, String pods, long target, long replicas) {
    assertThat(
            Proposal.ofAverage(current, pods(pods), target, Proposal.Tolerance.DEFAULT).replicas())
        .isEqualTo(replicas);
  }

  /** Tolerances of the two directions. */
  @ParameterizedTest
  @CsvSource({
    "0.1,  0.1,  54, 4",
    "0.05, 0.1,  54, 5",
    "0.1,  0.1,  46, 4",
    "0.1,  0.05, 36, 3",
    "0.1,  0.3,  36, 4",
    "0.5,  0.1,  74, 4",
    "0,    0,    51, 5",
  })
  void toleratesAsMuchAsAskedInEachDirection(double up, double down, long percent, long replicas) {
    String four =
        String.join(" ", List.of("" + percent * 10, "" + percent * 10, "" + percent * 10));
    Proposal proposal =
        Proposal.ofUtilization(
            4, pods(four + " " + percent * 10), 50, new Proposal.Tolerance(up, down));
    assertThat(proposal.replicas()).isEqualTo(replicas);
  }

  /** So many replicas, so many of them ready; one value against one target, and for each pod. */
  @ParameterizedTest
  @CsvSource({
    "3, 3, 20,   15, 4, 2",
    "3, 3, 15.5, 15, 3, 2",
    "3, 2, 30,   15, 4, 2",
    "5, 5, 3,    15, 1, 1",
  })
  void ofObjects(
      long current, long ready, double value, double target, long together, long perPod) {
    assertThat(
            Proposal.ofValue(current, ready, value, target, Proposal.Tolerance.DEFAULT).replicas())
        .isEqualTo(together);
    assertThat(
            Proposal.ofValuePerPod(current, value, target, Proposal.Tolerance.DEFAULT).replicas())
        .isEqualTo(perPod);
  }
}
