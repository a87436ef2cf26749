package dev.wherry.api.patch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {
  /** The cases of RFC 7386, appendix A, whose target and patch are objects; and a few more. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":"b"}          | {"a":"c"}                    | {"a":"c"}
          {"a":"b"}          | {"b":"c"}                    | {"a":"b","b":"c"}
          {"a":"b"}          | {"a":null}                   | {}
          {"a":"b","b":"c"}  | {"a":null}                   | {"b":"c"}
          {"a":["b"]}        | {"a":"c"}                    | {"a":"c"}
          {"a":"c"}          | {"a":["b"]}                  | {"a":["b"]}
          {"a":{"b":"c"}}    | {"a":{"b":"d","c":null}}     | {"a":{"b":"d"}}
          {"a":[{"b":"c"}]}  | {"a":[1]}                    | {"a":[1]}
          {"e":null}         | {"a":1}                      | {"e":null,"a":1}
          {}                 | {"a":{"bb":{"ccc":null}}}    | {"a":{"bb":{}}}
          {"a":"x"}          | {"a":{"b":null,"c":1}}       | {"a":{"c":1}}
          {"a":{"b":1}}      | {}                           | {"a":{"b":1}}
          """)
  void mergesAsTheRfcSays(String current, String patch, String expected) {
    assertThat(MergePatch.apply(Json.read(current), Json.read(patch)))
        .isEqualTo(Json.read(expected));
  }
}
