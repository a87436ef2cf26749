package dev.wherry.master.controllers.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.scheduling.Filter;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {
  private static final ObjectKey A = new ObjectKey("default", "a");
  private static final ObjectKey B = new ObjectKey("default", "b");
  private final ManualTimer timer = new ManualTimer(Instant.EPOCH);
  private final SchedulingQueue queue = new SchedulingQueue(timer, () -> {});

  @Test
  void givesImportantPodsFirstThenOldOnes() {
    queue.offer(A, 0);
    queue.offer(B, 0);
    queue.offer(new ObjectKey("default", "c"), 7);
    assertThat(queue.poll()).hasValue(new ObjectKey("default", "c"));
    assertThat(queue.poll()).hasValue(A);
    assertThat(queue.poll()).hasValue(B);
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void wakesWhatTheChangeConcernsAndNotBeforeItsBackoff() {
    queue.offer(A, 0);
    queue.offer(B, 0);
    queue.poll();
    queue.poll();
    queue.refused(A, EnumSet.of(Filter.NODE_RESOURCES_FIT));
    queue.refused(B, EnumSet.of(Filter.NODE_AFFINITY));
    queue.wake(Wake.POD_LEFT);
    assertThat(queue.poll()).isEmpty();
    timer.advance(Duration.ofMillis(100));
    assertThat(queue.poll()).hasValue(A);
    assertThat(queue.poll()).isEmpty();
    queue.refused(A, EnumSet.of(Filter.NODE_RESOURCES_FIT));
    queue.wake(Wake.POD_LEFT);
    timer.advance(Duration.ofMillis(150));
    assertThat(queue.poll()).isEmpty();
    timer.advance(Duration.ofMillis(50));
    assertThat(queue.poll()).hasValue(A);
  }

  @Test
  void missesNoWakeWhileAPodIsBeingDecidedOn() {
    queue.offer(A, 0);
    queue.poll();
    queue.wake(Wake.POD_LEFT);
    queue.refused(A, EnumSet.of(Filter.NODE_PORTS));
    timer.advance(Duration.ofSeconds(1));
    assertThat(queue.poll()).hasValue(A);
    queue.offer(A, 3);
    queue.refused(A, EnumSet.of(Filter.NODE_PORTS));
    timer.advance(Duration.ofSeconds(1));
    assertThat(queue.poll()).hasValue(A);
  }

  @Test
  void looksAgainAfterAWhileAndAfterFailures() {
    queue.offer(A, 0);
    queue.poll();
    queue.refused(A, EnumSet.of(Filter.NODE_PORTS));
    timer.advance(SchedulingQueue.LONGEST_PARKED);
    assertThat(queue.poll()).hasValue(A);
    queue.failed(A);
    timer.advance(Duration.ofSeconds(10));
    assertThat(queue.poll()).hasValue(A);
    queue.remove(A);
    queue.refused(A, Wake.ALL);
    queue.wake(Wake.ALL);
    timer.advance(SchedulingQueue.LONGEST_PARKED);
    assertThat(queue.poll()).isEmpty();
    assertThat(queue.size()).isZero();
  }
}
