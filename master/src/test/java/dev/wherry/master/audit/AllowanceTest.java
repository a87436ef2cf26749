package dev.wherry.master.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private final Allowance allowance = new Allowance(3, Duration.ofSeconds(2));
  private final Instant start = Instant.ofEpochSecond(1_000_000);

  private int taken(Instant now) {
    int taken = 0;
    while (allowance.take(now)) {
      taken++;
    }
    return taken;
  }

  @Test
  void givesSoManyAtOnceAndOneEachWhile() {
    assertThat(taken(start)).isEqualTo(3);
    assertThat(taken(start.plusSeconds(1))).isZero();
    assertThat(taken(start.plusSeconds(2))).isEqualTo(1);
    assertThat(taken(start.plusSeconds(8))).isEqualTo(3);
    assertThat(taken(start.plusSeconds(1000))).isEqualTo(3);
  }
}
