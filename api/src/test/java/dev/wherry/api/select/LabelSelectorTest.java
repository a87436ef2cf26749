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
        "!",
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          ^a=b,^ | found '', expected: identifier after ','
          ^,a^ | found ',', expected: !, identifier, or 'end of string'
          a=b=c | found '=', expected: ',' or 'end of string'
          a b | unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt
          a! b | unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt
          ! | unable to parse requirement: found '', expected: identifier
          !(a) | unable to parse requirement: found '(', expected: identifier
          a=(b) | unable to parse requirement: found '(', expected: identifier
          a in b | unable to parse requirement: found 'b' expected: '('
          a in (b c) | unable to parse requirement: found 'c', expected: ',' or ')'
          a in (b | unable to parse requirement: found '', expected: ',' or ')'
          a in (= | unable to parse requirement: found '=', expected: ',', ')' or identifier
          a>x | unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer
          c%d=e | unable to parse requirement: <nil>: Invalid value: "c%d": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          a in (b,c%) | unable to parse requirement: values[1][a]: Invalid value: "c%": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
          """)
  void saysWhatItCannotParse(String text, String complaint) {
    assertThatThrownBy(() -> LabelSelector.parse(text)).hasMessage(complaint);
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
