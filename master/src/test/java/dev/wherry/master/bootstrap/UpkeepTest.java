package dev.wherry.master.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.http.HealthCheck;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.store.FencedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a master does beside serving. */
class UpkeepTest {
  @Test
  void remembersThatTheStoreIsFencedAndTellsOthers() {
    List<FencedException> told = new ArrayList<>();
    StoreHealth health = new StoreHealth(told::add);
    HealthCheck check = health.check();
    assertThat(check.failure().get()).isEmpty();
    FencedException why = new FencedException("no space left", new IOException("ENOSPC"));
    health.accept(why);
    health.accept(new FencedException("again", new IOException("EIO")));
    assertThat(check.failure().get()).hasValue("no space left");
    assertThat(check.scope()).isEqualTo(HealthCheck.Scope.LIVE);
    assertThat(told).hasSize(2).startsWith(why);
  }

  @Test
  @Timeout(60)
  void looksAtTheCertificateEachDayThoughItFailedTheDayBefore() throws Exception {
    ManualTimer timer = new ManualTimer(Instant.EPOCH);
    LinkedBlockingQueue<Instant> calls = new LinkedBlockingQueue<>();
    CertificateRenewal.daily(
        timer,
        () -> {
          calls.add(timer.instant());
          throw new IOException("the disk is full");
        });
    timer.advance(CertificateRenewal.INTERVAL.minusSeconds(1));
    assertThat(timer.pending()).isOne();
    timer.advance(Duration.ofSeconds(1));
    assertThat(calls.poll(60, TimeUnit.SECONDS)).isEqualTo("1970-01-02T00:00:00Z");
    while (timer.pending() == 0) {
      Thread.onSpinWait(); // it is scheduled again after the failure, on a thread of its own
    }
    timer.advance(CertificateRenewal.INTERVAL);
    assertThat(calls.poll(60, TimeUnit.SECONDS)).isEqualTo("1970-01-03T00:00:00Z");
  }
}
