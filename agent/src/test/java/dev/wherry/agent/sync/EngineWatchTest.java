package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.FakeRuntime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EngineWatchTest {
  private final AtomicLong nanos = new AtomicLong();
  private final NodeClock clock =
      new NodeClock(() -> Instant.parse("2026-01-01T00:00:00Z"), nanos::get);
  private final AtomicInteger tries = new AtomicInteger();

  /** An engine that answers as soon as it is allowed to. */
  private static final class Away extends FakeRuntime {
    volatile boolean isBack;

    @Override
    public String version() throws EngineException {
      if (!isBack) {
        throw new EngineException(EngineException.Cause.UNREACHABLE, "Connection refused");
      }
      return super.version();
    }
  }

  @Test
  void anEngineIsDownOnceItHasNotAnsweredForHalfAMinute() throws Exception {
    Away runtime = new Away();
    Engine engine =
        () -> {
          tries.incrementAndGet();
          throw new IOException("no such program");
        };
    try (EngineWatch watch = new EngineWatch(runtime, engine, clock, (_, _) -> {})) {
      watch.start();
      watch.lost();
      Await.until("a try to bring it up", () -> tries.get() > 0);
      pass(EngineWatch.PATIENCE.minusNanos(1));
      assertThat(watch.isDown()).isFalse();
      pass(Duration.ofNanos(1));
      assertThat(watch.isDown()).isTrue();

      runtime.isBack = true;
      Await.until("it is up", () -> !watch.isDown());
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
