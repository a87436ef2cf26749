package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.FakeRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedPullsTest {
  private static final Credentials ME = new Credentials("me", "secret");

  private final FakeRuntime runtime = new FakeRuntime();
  private final SharedPulls pulls = new SharedPulls(runtime, 2);
  private final Semaphore begun = new Semaphore(0);
  private final Semaphore mayEnd = new Semaphore(0);
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private void slowRegistry() {
    runtime.useRegistry(
        (_, _) -> {
          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          begun.release();
          mayEnd.acquireUninterruptibly();
          atOnce.decrementAndGet();
        });
  }

  private CompletableFuture<SharedPulls.Pulled> pull(String name, Credentials credentials) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return pulls.pull(name, credentials, () -> true).orElseThrow();
          } catch (EngineException | InterruptedException e) {
            throw new AssertionError(e);
          }
        },
        Thread::startVirtualThread);
  }

  private void awaitPulls(int count) throws InterruptedException {
    assertThat(begun.tryAcquire(count, 10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void oneImageIsPulledOnceForAllWhoWantItWithTheSameCredentials() throws Exception {
    slowRegistry();
    List<CompletableFuture<SharedPulls.Pulled>> all = new ArrayList<>();
    all.add(pull("a", ME));
    awaitPulls(1);
    all.add(pull("a", ME));
    all.add(pull("a", Credentials.NONE));
    awaitPulls(1);
    mayEnd.release(10);
    for (CompletableFuture<SharedPulls.Pulled> each : all) {
      assertThat(each.get(60, TimeUnit.SECONDS).image().id()).isEqualTo("a");
    }
    assertThat(begun.availablePermits()).as("pulls beyond the two").isZero();
  }

  @Test
  void noMoreThanAllowedRunAtATime() throws Exception {
    slowRegistry();
    List<CompletableFuture<SharedPulls.Pulled>> all = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      all.add(pull(name, Credentials.NONE));
    }
    awaitPulls(2);
    mayEnd.release(5);
    for (CompletableFuture<SharedPulls.Pulled> each : all) {
      each.get(60, TimeUnit.SECONDS);
    }
    assertThat(most).hasValue(2);
  }

  @Test
  void aFailureIsToldToAllAndTriedAnewAfterwards() throws Exception {
    runtime.useRegistry(
        (_, _) -> {
          throw new EngineException(Cause.PULL_FAILED, "unauthorized");
        });
    assertThatThrownBy(() -> pulls.pull("a", ME, () -> true))
        .isInstanceOf(EngineException.class)
        .hasMessage("unauthorized");
    runtime.useRegistry((_, _) -> {});
    assertThat(pulls.pull("a", ME, () -> true).orElseThrow().image().id()).isEqualTo("a");
  }

  @Test
  void nobodyWaitsForWhatIsNoLongerWanted() throws Exception {
    slowRegistry();
    AtomicInteger looks = new AtomicInteger();
    assertThat(pulls.pull("a", ME, () -> looks.incrementAndGet() < 3)).isEmpty();
    CompletableFuture<SharedPulls.Pulled> other = pull("a", ME);
    mayEnd.release();
    assertThat(other.get(60, TimeUnit.SECONDS).image().id()).isEqualTo("a");
    assertThat(begun.availablePermits()).as("pulls").isEqualTo(1);
  }
}
