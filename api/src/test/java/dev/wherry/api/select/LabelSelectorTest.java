package dev.wherry.api.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.tree.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "tier", "front", "empty", "", "n", "5", "example.com/x", "y");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                       | true
          app=web                  | true
          app==web                 | true
          app = web , tier = front | true
          app=web,tier=back        | false
          app!=web                 | false
          absent!=web              | true
          app in (web,db)          | true
          app in ( db )            | false
          app notin (db)           | true
          absent notin (db)        | true
          app                      | true
          absent                   | false
          !absent                  | true
          ! app                    | false
          empty=                   | true
          empty                    | true
          n>4                      | true
          n<5                      | false
          app>1                    | false
          absent<9                 | false
          example.com/x=y          | true
          in                       | false
          in=x                     | false
          app in (web),!absent,n>1 | true
          """)
  void parsesAndMatches(String text, boolean matches) {
    assertThat(LabelSelector.parse(text).matches(LABELS)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "=b",
        "a=b,",
        ",a",
        "a=b,,c",
        "a in b",
        "a in (b",
        "a in ()",
        "!",
        "!a=b",
        "a>x",
        "a<",
        "-a",
        "a/b/c",
        "a=-b",
        "a in (b,-c)",
        "A_/x",
        "a=b=c",
        "()",
        "a!b",
        "/a"
      })
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> LabelSelector.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhatItCannotParse() {
    assertThatThrownBy(() -> LabelSelector.parse("a=b,"))
        .hasMessage(
            "unable to parse requirement: found '', expected: !, identifier, or 'end of string'");
    assertThatThrownBy(() -> LabelSelector.parse("a=b,c%d e"))
        .hasMessageContaining("found 'c%d e'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                              | true
          {"matchLabels":{"app":"web"}}                                                   | true
          {"matchLabels":{"app":"db"}}                                                    | false
          {"matchExpressions":[{"key":"app","operator":"In","values":["web"]}]}           | true
          {"matchExpressions":[{"key":"app","operator":"NotIn","values":["web"]}]}        | false
          {"matchExpressions":[{"key":"x","operator":"NotIn","values":["web"]}]}          | true
          {"matchExpressions":[{"key":"app","operator":"Exists"}]}                        | true
          {"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]}                  | false
          {"matchLabels":{"app":"web"},"matchExpressions":[{"key":"n","operator":"Gt","values":["9"]}]} | false
          """)
  void readsSelectorObjects(String selector, boolean matches) {
    assertThat(LabelSelector.of(Json.read(selector)).matches(LABELS)).isEqualTo(matches);
  }

  @Test
  void refusesOperatorsThatAreNone() {
    assertThatThrownBy(
            () ->
                LabelSelector.of(
                    Json.read("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Is\"}]}")))
        .hasMessage("\"Is\" is not a valid label selector operator");
    assertThatThrownBy(
            () ->
                LabelSelector.of(
                    Json.read(
                        "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Gt\",\"values\":[]}]}")))
        .hasMessageContaining("exactly one value");
  }

  @Test
  void selectsByLabelsAlone() {
    assertThat(LabelSelector.ofLabels(Map.of("app", "web")).matches(LABELS)).isTrue();
    assertThat(LabelSelector.ofLabels(Map.of()).isEverything()).isTrue();
    assertThat(LabelSelector.EVERYTHING.matches(Map.of())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "a, true",
    "a.b-c_D, true",
    "example.com/a, true",
    "'', false",
    "-a, false",
    "a-, false",
    "a/, false",
    "/a, false",
    "E.com/a, false",
    "a b, false",
    "a/b/c, false"
  })
  void knowsKeys(String text, boolean key) {
    assertThat(LabelSyntax.isKey(text)).isEqualTo(key);
    assertThat(LabelSyntax.isKey("x".repeat(64))).isFalse();
    assertThat(LabelSyntax.isValue("x".repeat(63))).isTrue();
  }
}
