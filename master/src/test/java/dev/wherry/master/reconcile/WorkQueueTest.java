package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
  private final ManualTimer timer = new ManualTimer(Instant.EPOCH);
  private int ready;
  private final WorkQueue<String> queue = new WorkQueue<>(timer, Backoff.CONTROLLER, () -> ready++);

  @Test
  void holdsAKeyOnceHoweverOftenItIsAdded() {
    queue.add("a");
    queue.add("b");
    queue.add("a");
    assertThat(queue.poll()).contains("a");
    assertThat(queue.poll()).contains("b");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void givesAKeyThatIsWorkedOnAgainOnlyWhenThatIsDone() {
    queue.add("a");
    assertThat(queue.poll()).contains("a");
    queue.add("a");
    assertThat(queue.poll()).isEmpty();
    int before = ready;
    queue.done("a");
    assertThat(ready).isEqualTo(before + 1);
    assertThat(queue.poll()).contains("a");
    queue.done("a");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void backsOffLongerWithEachFailureUntilForgotten() {
    for (long millis : new long[] {5, 10, 20, 40}) {
      queue.addBackedOff("a");
      timer.advance(Duration.ofMillis(millis - 1));
      assertThat(queue.poll()).isEmpty();
      timer.advance(Duration.ofMillis(1));
      assertThat(queue.poll()).contains("a");
      queue.done("a");
    }
    queue.forget("a");
    queue.addBackedOff("a");
    timer.advance(Duration.ofMillis(5));
    assertThat(queue.poll()).contains("a");
  }

  @Test
  void takesTheEarliestOfSeveralDelays() {
    queue.addAfter("a", Duration.ofSeconds(10));
    queue.addAfter("a", Duration.ofSeconds(1));
    queue.addAfter("a", Duration.ofSeconds(5));
    timer.advance(Duration.ofSeconds(1));
    assertThat(queue.poll()).contains("a");
    queue.done("a");
    timer.advance(Duration.ofMinutes(1));
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void boundsItsBackoff() {
    assertThat(Backoff.CONTROLLER.after(1)).isEqualTo(Duration.ofMillis(5));
    assertThat(Backoff.CONTROLLER.after(1000)).isEqualTo(Duration.ofMinutes(5));
  }
}
