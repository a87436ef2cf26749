package dev.wherry.api.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "100m, 0.1",
    "1.5, 1.5",
    ".5, 0.5",
    "5., 5",
    "-3, -3",
    "+3, 3",
    "2e3, 2000",
    "2E3, 2000",
    "1e-3, 0.001",
    "1E, 1000000000000000000",
    "64Mi, 67108864",
    "1Ki, 1024",
    "3k, 3000",
    "1u, 0.000001",
    "1n, 0.000000001",
    "1.5Gi, 1610612736"
  })
  void parses(String text, BigDecimal value) {
    assertThat(Quantity.parse(text).value()).isEqualByComparingTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a",
        "1x",
        "1 ",
        "1ki",
        "1KI",
        "--1",
        "1.2.3",
        ".",
        "1e",
        "e3",
        "1m1",
        "1Mi1",
        "1e99999",
        "0x10",
        "1,5",
        "Infinity",
        "NaN"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Quantity.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(Quantity.SYNTAX_MESSAGE);
  }

  /** As the canonical form of resource.Quantity is documented. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0Mi, 0",
    "0.5, 500m",
    "1000m, 1",
    "1500m, 1500m",
    "1000, 1k",
    "1500, 1500",
    "10, 10",
    "1024Mi, 1Gi",
    "1000Mi, 1000Mi",
    "1.5Gi, 1536Mi",
    "0.5Gi, 512Mi",
    "512, 512",
    "1023Ki, 1023Ki",
    "0.5Ki, 512",
    "0.1Gi, 107374182400m",
    "1e3, 1e3",
    "12e6, 12e6",
    "0.1e3, 100",
    "1e-3, 1e-3",
    "1E, 1E",
    "1000E, 1000E",
    "-1000m, -1",
    "0.1n, 1n",
    "-0.1n, -1n",
    "100000k, 100M",
    "2048Ei, 2048Ei",
    "1000u, 1m"
  })
  void writesCanonically(String text, String canonical) {
    assertThat(Quantity.canonical(text)).isEqualTo(canonical);
  }

  @Test
  void canonicalTextKeepsTheValueAndIsAFixedPoint() {
    long seed = 20240917;
    Random random = new Random(seed);
    String[] suffixes = {"", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E2"};
    for (int i = 0; i < 2000; i++) {
      String text =
          random.nextInt(100_000)
              + (random.nextBoolean() ? "" : "." + random.nextInt(1000))
              + suffixes[random.nextInt(suffixes.length)];
      String canonical = Quantity.canonical(text);
      assertThat(Quantity.parse(canonical).value())
          .as("%s, seed %d", text, seed)
          .isEqualByComparingTo(Quantity.parse(text).value());
      assertThat(Quantity.canonical(canonical)).as("%s, seed %d", text, seed).isEqualTo(canonical);
    }
  }

  @Test
  void roundsUpAndStaysInBounds() {
    assertThat(Quantity.parse("1.1").wholeCeiling()).isEqualTo(2);
    assertThat(Quantity.parse("0.0001").milliCeiling()).isEqualTo(1);
    assertThat(Quantity.parse("100E").wholeCeiling()).isEqualTo(Long.MAX_VALUE);
    assertThat(Quantity.of(2L)).isEqualByComparingTo(Quantity.parse("2"));
    assertThat(Quantity.of(true)).isEqualTo(Quantity.ZERO);
    assertThat(Quantity.parse("1Gi")).isEqualByComparingTo(Quantity.parse("1024Mi"));
  }
}
