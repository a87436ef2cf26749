package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.image.ImageGarbage.Candidate;
import dev.wherry.agent.image.ImageGarbage.Disk;
import dev.wherry.agent.image.ImageGarbage.Limits;
import dev.wherry.agent.image.ImageGarbage.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageGarbageTest {
  private static final Instant NOW = Instant.parse("2026-01-10T00:00:00Z");
  private static final Limits LIMITS = new Limits(85, 80, Duration.ZERO);

  private static Candidate image(String id, long size, int daysOld, int daysUnused) {
    return new Candidate(
        id,
        size,
        NOW.minus(Duration.ofDays(daysOld)),
        NOW.minus(Duration.ofDays(daysUnused)),
        false);
  }

  private static Candidate kept(String id) {
    return new Candidate(id, 1000, Instant.EPOCH, Instant.EPOCH, true);
  }

  private static Plan plan(long available, Candidate... images) {
    return ImageGarbage.plan(LIMITS, new Disk(1000, available), List.of(images), NOW);
  }

  @Test
  void leavesAllWhileTheDiskIsFine() {
    assertThat(plan(160, image("a", 100, 9, 9)).remove()).isEmpty();
  }

  @Test
  void removesTheLongestUnusedUntilTheLowThreshold() {
    Plan plan =
        plan(
            150, image("new", 40, 9, 1), image("old", 30, 9, 8), image("mid", 30, 9, 5), kept("k"));
    assertThat(plan.wantedBytes()).isEqualTo(50);
    assertThat(plan.remove()).containsExactly("old", "mid");
  }

  @Test
  void amongNeverUsedTheEldestGoesFirst() {
    Candidate one = new Candidate("one", 30, NOW.minusSeconds(500), Instant.EPOCH, false);
    Candidate two = new Candidate("two", 30, NOW.minusSeconds(900), Instant.EPOCH, false);
    assertThat(plan(150, one, two).remove()).containsExactly("two", "one");
  }

  @Test
  void sparesWhatHasJustCome() {
    Candidate fresh = new Candidate("fresh", 900, NOW.minusSeconds(119), Instant.EPOCH, false);
    Plan plan = plan(0, fresh, kept("k"));
    assertThat(plan.remove()).isEmpty();
    assertThat(plan.foundBytes()).isLessThan(plan.wantedBytes());
  }

  @Test
  void removesWhatIsUnusedForTooLong() {
    Limits limits = new Limits(100, 80, Duration.ofDays(7));
    Candidate unknown = new Candidate("found at start", 1, Instant.EPOCH, Instant.EPOCH, false);
    assertThat(
            ImageGarbage.plan(
                    limits,
                    new Disk(1000, 0),
                    List.of(image("old", 1, 9, 8), image("used", 1, 9, 3), unknown, kept("k")),
                    NOW)
                .remove())
        .containsExactly("old");
  }
}
