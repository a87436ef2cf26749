package dev.wherry.api.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 1970-01-01T00:00:00Z",
    "2024-02-29T23:59:59Z, 2024-02-29T23:59:59Z",
    "2024-01-02T03:04:05+02:00, 2024-01-02T01:04:05Z",
    "2024-01-02T03:04:05.123456Z, 2024-01-02T03:04:05.123456Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z"
  })
  void parses(String text, Instant instant) {
    assertThat(Meta.Times.parse(text)).contains(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "noon",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01 00:00:00Z",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:0xZ"
      })
  void refuses(String text) {
    assertThat(Meta.Times.parse(text)).isEmpty();
    assertThat(Meta.Times.isCanonical(text)).isFalse();
  }

  @Test
  void whatIsWrittenIsCanonicalAndReadsBack() {
    long seed = 31;
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      Instant instant = Instant.ofEpochSecond(random.nextLong(-60_000_000_000L, 200_000_000_000L));
      String text = Meta.Times.format(instant);
      assertThat(Meta.Times.isCanonical(text)).as("%s, seed %d", text, seed).isTrue();
      assertThat(Meta.Times.parse(text)).as("%s, seed %d", text, seed).contains(instant);
    }
    assertThat(Meta.Times.formatMicro(Instant.parse("2024-01-02T03:04:05.1Z")))
        .isEqualTo("2024-01-02T03:04:05.100000Z");
    assertThat(Meta.Times.format(Instant.parse("2024-01-02T03:04:05.9Z")))
        .isEqualTo("2024-01-02T03:04:05Z");
  }
}
