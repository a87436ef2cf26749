package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventCorrelationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Obj POD =
      Obj.of(
          "apiVersion",
          "v1",
          "kind",
          "Pod",
          "metadata",
          Obj.of("namespace", "n", "name", "p", "uid", "u"));

  private final EventCorrelation correlation = new EventCorrelation();

  @Test
  void countsARepeatedNoteUp() {
    EventNote note = EventNote.warning(POD, "FailedScheduling", "no room");
    EventCorrelation.Verdict first = correlation.decide("s", note, NOW).orElseThrow();
    EventCorrelation.Verdict second =
        correlation.decide("s", note, NOW.plusSeconds(9)).orElseThrow();
    assertThat(first).isInstanceOf(EventCorrelation.Verdict.Create.class);
    EventCorrelation.Verdict.Count count = (EventCorrelation.Verdict.Count) second;
    assertThat(count.mergePatch())
        .isEqualTo(Obj.of("count", 2, "lastTimestamp", "2026-01-01T00:00:09Z"));
    assertThat(count.event().string("firstTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void combinesWhatIsAlikeButForItsText() {
    List<String> messages = new ArrayList<>();
    List<String> later = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      EventNote note = EventNote.normal(POD, "SuccessfulCreate", "Created pod: " + i);
      correlation
          .decide("rs", note, NOW)
          .ifPresent(
              verdict -> {
                switch (verdict) {
                  case EventCorrelation.Verdict.Create create ->
                      messages.add(create.event().string("message"));
                  case EventCorrelation.Verdict.Count count ->
                      later.add(count.mergePatch().string("message"));
                }
              });
    }
    assertThat(messages).hasSize(11).endsWith("(combined from similar events): Created pod: 10");
    assertThat(later).hasSize(9).endsWith("(combined from similar events): Created pod: 19");
  }

  @Test
  void fallsSilentAboutAnObjectThatTooMuchIsToldAbout() {
    int told = 0;
    for (int i = 0; i < 100; i++) {
      EventNote note = EventNote.normal(POD, "Reason" + i, "text");
      told += correlation.decide("c", note, NOW).isPresent() ? 1 : 0;
    }
    assertThat(told).isEqualTo(25);
    EventNote later = EventNote.normal(POD, "Later", "text");
    assertThat(correlation.decide("c", later, NOW.plusSeconds(301))).isPresent();
  }
}
