package dev.wherry.agent.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Probe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void tellsWhatReachesItsThreshold() {
    Probe probe =
        new Probe(
            Obj.of(
                "initialDelaySeconds",
                5,
                "periodSeconds",
                2,
                "failureThreshold",
                3,
                "successThreshold",
                2));
    ProbeSchedule schedule = ProbeSchedule.of(ProbeKind.READINESS, probe, START);
    assertThat(schedule.next()).isEqualTo(START.plusSeconds(5));
    List<String> told = new ArrayList<>();
    for (char result : "ssfsffffss".toCharArray()) {
      ProbeSchedule.Step step =
          schedule.after(result == 's' ? Verdict.SUCCESS : Verdict.FAILURE, START);
      schedule = step.schedule();
      told.add(step.verdict().map(each -> each.name().substring(0, 1)).orElse("-"));
    }
    assertThat(String.join("", told)).isEqualTo("-S----FF-S");
    assertThat(schedule.next()).as("one period after the other").isEqualTo(START.plusSeconds(25));
    ProbeSchedule skipped = schedule.skip(START);
    assertThat(skipped.next()).isEqualTo(START.plusSeconds(27));
    assertThat(skipped.after(Verdict.FAILURE, START).schedule().inARow()).isEqualTo(1);
    assertThat(skipped.inARow()).as("a run that told nothing breaks no row").isEqualTo(2);
    Instant late = START.plusSeconds(100);
    assertThat(schedule.after(Verdict.SUCCESS, late).schedule().next())
        .as("what was missed is not made up for")
        .isEqualTo(late);
  }
}
