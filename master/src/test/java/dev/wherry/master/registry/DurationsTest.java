package dev.wherry.master.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S,0s",
    "PT-1S,0s",
    "PT-5S,<invalid>",
    "PT119S,119s",
    "PT120S,2m",
    "PT123S,2m3s",
    "PT9M59S,9m59s",
    "PT10M30S,10m",
    "PT179M,179m",
    "PT180M,3h",
    "PT3H4M,3h4m",
    "PT8H30M,8h",
    "PT47H,47h",
    "PT48H,2d",
    "PT50H,2d2h",
    "P7D,7d",
    "P8DT5H,8d",
    "P729D,729d",
    "P730D,2y",
    "P800D,2y70d",
    "P3650D,10y"
  })
  void showsThemAsKubectlDoes(Duration duration, String text) {
    assertThat(Durations.human(duration)).isEqualTo(text);
  }

  @Test
  void saysUnknownWithoutATime() {
    assertThat(Durations.since("", Instant.EPOCH)).isEqualTo("<unknown>");
  }
}
