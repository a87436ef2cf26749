package dev.wherry.api.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPatchTest {
  private static Obj apply(String current, String patch) {
    Object list = Json.readValue(patch.getBytes(StandardCharsets.UTF_8), _ -> {});
    return JsonPatch.apply(Json.read(current), (List<?>) list);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"a":1}             | [{"op":"add","path":"/b","value":2}]              | {"a":1,"b":2}
          {"a":[1,2]}         | [{"op":"add","path":"/a/1","value":9}]            | {"a":[1,9,2]}
          {"a":[1,2]}         | [{"op":"add","path":"/a/-","value":9}]            | {"a":[1,2,9]}
          {"a":[1,2]}         | [{"op":"add","path":"/a/2","value":9}]            | {"a":[1,2,9]}
          {"a":{"b":1}}       | [{"op":"add","path":"/a/b","value":null}]         | {"a":{"b":null}}
          {"a":[1,2,3]}       | [{"op":"remove","path":"/a/1"}]                   | {"a":[1,3]}
          {"a":[1,2,3]}       | [{"op":"remove","path":"/a/-1"}]                  | {"a":[1,2]}
          {"a":1,"b":2}       | [{"op":"remove","path":"/a"}]                     | {"b":2}
          {"a":{"b":[{"c":1}]}} | [{"op":"replace","path":"/a/b/0/c","value":2}]  | {"a":{"b":[{"c":2}]}}
          {"a":1}             | [{"op":"move","from":"/a","path":"/b"}]           | {"b":1}
          {"a":[1,2,3]}       | [{"op":"move","from":"/a/0","path":"/a/2"}]       | {"a":[2,3,1]}
          {"a":{"b":1}}       | [{"op":"copy","from":"/a","path":"/c"}]           | {"a":{"b":1},"c":{"b":1}}
          {"a":1}             | [{"op":"test","path":"/a","value":1.0}]           | {"a":1}
          {"a":[{"b":1}]}     | [{"op":"test","path":"/a","value":[{"b":1}]}]     | {"a":[{"b":1}]}
          {"a":1}             | [{"op":"test","path":"/x","value":null}]          | {"a":1}
          {"a/b":1,"c~d":2}   | [{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/c~0d"}] | {}
          {"a":1}             | [{"op":"replace","path":"","value":{"z":1}}]      | {"z":1}
          {"a":1}             | []                                                | {"a":1}
          """)
  void applies(String current, String patch, String expected) {
    assertThat(apply(current, patch)).isEqualTo(Json.read(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{"op":"remove","path":"/x"}]                 | Unable to remove nonexistent key: x
          [{"op":"replace","path":"/x","value":1}]      | doc is missing key: /x
          [{"op":"replace","path":"/x/y","value":1}]    | doc is missing path: "/x/y"
          [{"op":"add","path":"/x/y","value":1}]        | doc is missing path: "/x/y"
          [{"op":"add","path":"/l/4","value":1}]        | invalid index referenced
          [{"op":"add","path":"/l/01","value":1}]       | is no index
          [{"op":"remove","path":"/l/2"}]               | invalid index referenced
          [{"op":"test","path":"/a","value":2}]         | testing value /a failed
          [{"op":"test","path":"/x","value":2}]         | doc is missing path
          [{"op":"move","from":"/o","path":"/o/p"}]     | is inside
          [{"op":"frobnicate","path":"/a"}]             | Unexpected kind: frobnicate
          [{"op":"add","path":"/b"}]                    | lacks the member "value"
          [{"op":"add","value":1}]                      | lacks the string member "path"
          [{"op":"add","path":"b","value":1}]           | must start with a slash
          [{"op":"replace","path":"","value":1}]        | no object
          """)
  void refusesWhatDoesNotApply(String patch, String message) {
    assertThatThrownBy(() -> apply("{\"a\":1,\"l\":[1,2],\"o\":{\"p\":{}}}", patch))
        .isInstanceOf(StatusException.class)
        .hasMessageStartingWith("the server rejected our request due to an error in our request")
        .hasMessageContaining(message)
        .extracting(e -> ((StatusException) e).reason())
        .isEqualTo(Reason.INVALID);
  }

  @Test
  void refusesWhatIsNoListOfOperations() {
    assertThatThrownBy(() -> apply("{}", "[1]"))
        .extracting(e -> ((StatusException) e).reason())
        .isEqualTo(Reason.BAD_REQUEST);
  }

  @Test
  void boundsOperations() {
    List<Obj> many =
        Collections.nCopies(
            JsonPatch.MAX_OPERATIONS + 1, Obj.of("op", "add", "path", "/a", "value", 1));
    assertThatThrownBy(() -> JsonPatch.apply(Obj.EMPTY, many))
        .hasMessage("The allowed maximum operations in a JSON patch is 10000, got 10001");
  }

  @Test
  void boundsCopiesThatDoubleTheObject() {
    List<Obj> doubling =
        Collections.nCopies(64, Obj.of("op", "copy", "from", "/a", "path", "/a/-"));
    assertThatThrownBy(() -> JsonPatch.apply(Json.read("{\"a\":[1]}"), doubling))
        .hasMessageContaining("too much is copied");
  }
}
