package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.ingress.Protection.Rate;
import dev.wherry.api.object.ObjectKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
  private static final ObjectKey WEB = new ObjectKey("default", "web");

  private final AtomicLong nanos = new AtomicLong(42);
  private final RateLimits limits = new RateLimits(nanos::get);

  private int takes(String address, Rate rate) {
    int taken = 0;
    while (limits.take(WEB, address, rate)) {
      taken++;
    }
    return taken;
  }

  @Test
  void fillsSteadilyUpToABurst() {
    Rate rate = new Rate(2, 0, 5, List.of());
    assertThat(takes("192.0.2.1", rate)).isEqualTo(10);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_500));
    assertThat(takes("192.0.2.1", rate)).isEqualTo(3);
    nanos.addAndGet(TimeUnit.DAYS.toNanos(1));
    assertThat(takes("192.0.2.1", rate)).isEqualTo(10);
    assertThat(takes("192.0.2.2", rate)).as("another's").isEqualTo(10);
  }

  @Test
  void theTighterOfTwoBoundsHolds() {
    Rate rate = new Rate(100, 6, 1, List.of());
    assertThat(takes("192.0.2.1", rate)).isEqualTo(6);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
    assertThat(takes("192.0.2.1", rate)).isEqualTo(2);
  }

  @Test
  void forgetsWhoHasNotComeForLongest() {
    Rate rate = new Rate(0, 1, 1, List.of());
    for (int i = 0; i <= RateLimits.MAX_CLIENTS; i++) {
      assertThat(limits.take(WEB, "client " + i, rate)).isTrue();
    }
    assertThat(limits.take(WEB, "client " + RateLimits.MAX_CLIENTS, rate)).isFalse();
    assertThat(limits.take(WEB, "client 0", rate)).isTrue();
  }
}
