package dev.wherry.master.controllers.autoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodReadingTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  /** Started, became ready or not, and was measured so many seconds ago. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # phase  | ready       | started | changed | measured | cpu       | memory
          Running  | True        | 1000    | 900     | 5        | COUNTED   | COUNTED
          Running  | True        | 1000    | 900     | -        | MISSING   | MISSING
          Pending  | False       | 1000    | 900     | 5        | UNREADY   | UNREADY
          Failed   | False       | 1000    | 900     | 5        | IGNORED   | IGNORED
          Ending   | True        | 1000    | 900     | 5        | IGNORED   | IGNORED
          # of the first five minutes: only a window that began when it was ready counts
          Running  | True        | 200     | 100     | 5        | COUNTED   | COUNTED
          Running  | True        | 200     | 10      | 5        | UNREADY   | COUNTED
          Running  | False       | 200     | 100     | 5        | UNREADY   | COUNTED
          # later: one that has never been ready does not count, one that was does
          Running  | False       | 1000    | 990     | 5        | UNREADY   | COUNTED
          Running  | False       | 1000    | 500     | 5        | COUNTED   | COUNTED
          Running  | True        | 1000    | 10      | 5        | COUNTED   | COUNTED
          Running  |             | 1000    | 10      | 5        | UNREADY   | COUNTED
          """)
  void countsWhatTellsSomething(
      String phase,
      String ready,
      long started,
      long changed,
      String measured,
      PodReading.State cpu,
      PodReading.State memory) {
    boolean ending = phase.equals("Ending");
    String conditions =
        ready == null
            ? ""
            : "{'type': 'Ready', 'status': '%s', 'lastTransitionTime': '%s'}"
                .formatted(ready, NOW.minusSeconds(changed));
    PodView pod =
        new PodView(
            Json.read(
                """
                {'metadata': {'name': 'p'%s},
                 'status': {'phase': '%s', 'startTime': '%s', 'conditions': [%s]}}"""
                    .formatted(
                        ending ? ", 'deletionTimestamp': '" + NOW + "'" : "",
                        ending ? "Running" : phase,
                        NOW.minusSeconds(started),
                        conditions)
                    .replace('\'', '"')));
    Optional<PodReading.Sample> sample =
        measured.equals("-")
            ? Optional.empty()
            : Optional.of(
                new PodReading.Sample(
                    70, NOW.minusSeconds(Long.parseLong(measured)), Duration.ofSeconds(15)));
    assertThat(PodReading.of(pod, sample, 100, true, NOW).state()).isEqualTo(cpu);
    assertThat(PodReading.of(pod, sample, 100, false, NOW).state()).isEqualTo(memory);
  }
}
