package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathExpressionTest {
  @ParameterizedTest
  @CsvSource({
    "/a, /a, true",
    "/a, /ab, true",
    "/a$, /ab, false",
    "/a, /b/a, false",
    "/API, /api, true",
    "'/v[0-9]+/.*', /v12/x, true",
    "'/v[0-9]+/.*', /v/x, false",
    "'/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}', /0123abcd-0123-0123-0123-0123456789ab, true",
  })
  void comparesFromTheBeginningWhateverTheCase(String path, String asked, boolean expected) {
    assertThat(PathExpression.parse(path).matches(asked)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/app(/|$)(.*), /$2, /app/x/y, /x/y",
    "/app(/|$)(.*), /$2, /app, /",
    "/app(/|$)(.*), $2, /app/x, /x",
    "/(a)|/(b), /$1-$2, /b, /-b",
    "/a, /$1$, /a, /$",
    "/a/(.*), /b$0, /a/c, /b/a/c",
    "/a, /b, /c, /c",
  })
  void rewritesByGroups(String path, String template, String asked, String expected) {
    assertThat(PathExpression.parse(path).rewrite(asked, template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"/$1, true", "/$, false", "/$x, false", "/a$0b, true", "/plain, false"})
  void knowsWhatSpeaksOfGroups(String template, boolean expected) {
    assertThat(PathExpression.hasGroups(template)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((a{1000}){1000}){1000}",
        "((a{30}){30}){30}",
        "(a{0,900})",
        "[]{](a{100}){100}",
        "\\Q[\\E(a{100}){100}",
        "a{100}){100}",
        "(\\))((a{30,}){30}){2}",
        "(a{30})\\Q\\E{40}",
        "(a{30})(?i){40}",
        "(a{30}){1,2}?\\Q\\E{40}",
      })
  void refusesWhatWouldGrowTooLarge(String path) {
    assertThatThrownBy(() -> PathExpression.parse(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must have at most 1000 steps with its repetitions written out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[a", "a(?=b)", "(a)\\1", "a**"})
  void refusesWhatIsNoExpression(String path) {
    assertThatThrownBy(() -> PathExpression.parse(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("error parsing regexp");
  }

  /** On an engine that tries one way after the other this does not end. */
  @Test
  void thePathsThatStallOtherEnginesCostNothing() {
    assertThat(PathExpression.parse("/(a+)+(a+)+$").matches("/" + "a".repeat(16_000) + "!"))
        .isFalse();
  }

  @Test
  void neverTakesAnExpressionForSmallerThanItIs() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int compiled = 0;
    for (int i = 0; i < 20_000; i++) {
      String expression = expression(random);
      long steps = new ExpressionSize(expression).steps();
      if (steps > PathExpression.MAX_STEPS) {
        continue;
      }
      try {
        // The first and the last step are every programme's.
        assertThat(Pattern.compile(expression).programSize())
            .as("of %s, seed %d", expression, seed)
            .isLessThanOrEqualTo((int) steps + 4);
        compiled++;
      } catch (PatternSyntaxException _) {
        // One of the many that are no expressions.
      }
    }
    assertThat(compiled).as("expressions, seed %d", seed).isGreaterThan(500);
  }

  private static final List<String> PARTS =
      List.of(
          "a", "b", "(", "(", ")", ")", "|", "*", "+", "?", "[a-c]", "[^]x]", "[", "]", "{3}",
          "{2,5}", "{0,7}", "{4,}", "{", "}", "\\d", "\\{", "\\(", "\\Q", "\\E", "\\Q\\E", ".", "$",
          "(?:", "(?i)");

  private static String expression(Random random) {
    StringBuilder text = new StringBuilder();
    for (int parts = 1 + random.nextInt(12); parts > 0; parts--) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return text.toString();
  }
}
