package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnPaceTest {
  private final TurnPace pace = new TurnPace(Duration.ofMillis(5_000), Duration.ofMillis(500));

  @Test
  void waitsShortlyAfterAFailureAndLongerAfterEachThatFollows() {
    assertThat(pace.next()).hasMillis(5_000);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      pace.failed();
      waits.add(pace.next().toMillis());
    }
    assertThat(waits).containsExactly(500L, 1_000L, 2_000L, 4_000L, 5_000L, 5_000L);

    pace.succeeded();
    assertThat(pace.next()).hasMillis(5_000);
    pace.failed();
    assertThat(pace.next()).as("begins anew").hasMillis(500);
  }
}
