package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ControllerRunnerTest {

  @Test
  void triesAgainWhatThrew() throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch succeeded = new CountDownLatch(1);
    try (Timer timer = Timer.system();
        ControllerRunner<String> runner =
            new ControllerRunner<>(
                "test",
                1,
                _ -> {
                  switch (calls.incrementAndGet()) {
                    case 1 -> throw new IllegalStateException("attempt 1");
                    case 2 -> throw new StackOverflowError();
                    case 3 -> throw new NoClassDefFoundError("attempt 3");
                    default -> {}
                  }
                  succeeded.countDown();
                  return Reconciler.Outcome.DONE;
                },
                timer)) {
      runner.enqueue("key");
      runner.start();
      assertThat(succeeded.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(calls).hasValue(4);
  }

  /** A key's level rises while it is worked on; its last level must be seen, by one at a time. */
  @Test
  void neverWorksOnAKeyTwiceAtOnceAndMissesNone() throws InterruptedException {
    int keys = 50;
    int rises = 40;
    AtomicInteger[] active = new AtomicInteger[keys];
    AtomicInteger[] seen = new AtomicInteger[keys];
    AtomicInteger[] level = new AtomicInteger[keys];
    for (int i = 0; i < keys; i++) {
      active[i] = new AtomicInteger();
      seen[i] = new AtomicInteger();
      level[i] = new AtomicInteger();
    }
    AtomicInteger clashes = new AtomicInteger();
    CountDownLatch settled = new CountDownLatch(keys);
    try (Timer timer = Timer.system();
        ControllerRunner<Integer> runner =
            new ControllerRunner<>(
                "test",
                4,
                key -> {
                  if (active[key].incrementAndGet() > 1) {
                    clashes.incrementAndGet();
                  }
                  int now = level[key].get();
                  Thread.yield();
                  if (seen[key].getAndSet(now) != now && now == rises) {
                    settled.countDown();
                  }
                  active[key].decrementAndGet();
                  return Reconciler.Outcome.DONE;
                },
                timer)) {
      runner.start();
      for (int i = 0; i < keys * rises; i++) {
        level[i % keys].incrementAndGet();
        runner.enqueue(i % keys);
      }
      assertThat(settled.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(clashes).hasValue(0);
  }

  @Test
  void comesBackAfterTheDelayThatTheReconcilerAsksFor() throws InterruptedException {
    CountDownLatch twice = new CountDownLatch(2);
    try (Timer timer = Timer.system();
        ControllerRunner<String> runner =
            new ControllerRunner<>(
                "test",
                1,
                _ -> {
                  twice.countDown();
                  return Reconciler.Outcome.after(Duration.ofMillis(1));
                },
                timer)) {
      runner.start();
      runner.enqueue("key");
      assertThat(twice.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }
}
