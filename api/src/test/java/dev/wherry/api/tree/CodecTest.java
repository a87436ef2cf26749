package dev.wherry.api.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                              | {}
          {"a":1}                         | {"a":1}
          {"a":-0.5}                      | {"a":-0.5}
          {"a":1.0}                       | {"a":1}
          {"a":1e3}                       | {"a":1000}
          {"a":9223372036854775807}       | {"a":9223372036854775807}
          {"a":[1,[],{},null,true,"x"]}   | {"a":[1,[],{},null,true,"x"]}
          {"a":"\\u00e9\\n\\"\\\\"}       | {"a":"é\\n\\"\\\\"}
          {"a":1,"b":2,"a":3}             | {"a":3,"b":2}
          """)
  void jsonReadsAndWrites(String json, String written) {
    assertThat(Json.text(Json.read(json))).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1",
        "{} {}",
        "{a:1}",
        "{'a':1}",
        "nul",
        "{\"a\":01}",
        "{\"a\":1,}",
        "[]",
        "1",
        "null",
        "\"x\"",
        "{\"a\":\u0001}"
      })
  void refusesWhatIsNoJsonObject(String json) {
    assertThatThrownBy(() -> Json.read(json))
        .isInstanceOf(MalformedTreeException.class)
        .message()
        .isNotBlank();
  }

  @Test
  void namesMembersThatComeTwiceByTheirPaths() {
    List<String> paths = new ArrayList<>();
    Json.read(
        """
        {"a":1,"s":{"c":[{"n":1},{"n":1,"n":2}],"r":1,"r":2},"a":2,
         "data":{"1/x":"","1/x":""},"l":[[{"y":1,"y":1}]]}
        """
            .getBytes(java.nio.charset.StandardCharsets.UTF_8),
        paths::add);
    assertThat(paths).containsExactly("s.c[1].n", "s.r", "a", "data.1/x", "l[0][0].y");
  }

  @Test
  void boundsNesting() {
    String deep = "{\"a\":".repeat(TreeReader.MAX_DEPTH + 1) + "1" + "}".repeat(257);
    assertThatThrownBy(() -> Json.read(deep)).isInstanceOf(MalformedTreeException.class);
    String allowed =
        "{\"a\":".repeat(TreeReader.MAX_DEPTH) + "1" + "}".repeat(TreeReader.MAX_DEPTH);
    assertThat(Json.text(Json.read(allowed))).isEqualTo(allowed);
    String array = "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    assertThatThrownBy(() -> Json.read(array)).isInstanceOf(MalformedTreeException.class);
  }

  @Test
  void aHundredThousandMembersTakeNoTime() {
    StringBuilder json = new StringBuilder("{\"first\":0");
    for (int i = 0; i < 100_000; i++) {
      json.append(",\"k").append(i).append("\":").append(i);
    }
    String text = json.append('}').toString();
    org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertThat(Json.read(text).size()).isEqualTo(100_001));
  }

  @Test
  void smileKeepsEveryTree() {
    long seed = 4711;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      Obj tree = random(random, 0);
      assertThat(Smile.read(Smile.write(tree))).as("seed %d", seed).isEqualTo(tree);
      assertThat(Json.text(Smile.read(Smile.write(tree)))).isEqualTo(Json.text(tree));
      assertThat(Json.read(Json.write(tree))).as("seed %d", seed).isEqualTo(tree);
    }
  }

  private static Obj random(Random random, int depth) {
    Obj.Builder out = Obj.builder();
    for (int i = random.nextInt(6); i > 0; i--) {
      out.put("k" + random.nextInt(20), value(random, depth));
    }
    return out.build();
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 6 : 8)) {
      case 0 -> "s" + random.nextInt(50);
      case 1 -> "ü€😀".repeat(random.nextInt(40));
      case 2 -> random.nextLong();
      case 3 -> random.nextInt(100) + 0.25;
      case 4 -> random.nextBoolean();
      case 5 -> Null.NULL;
      case 6 -> random(random, depth + 1);
      default -> List.of(value(random, depth + 1), value(random, depth + 1));
    };
  }

  @Test
  void damagedSmileIsMalformed() {
    long seed = 815;
    Random random = new Random(seed);
    byte[] good = Smile.write(random(new Random(3), 0).with("some", "text").with("n", 12345));
    for (int i = 0; i < 3000; i++) {
      byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
      if (bad.length > 0) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        Smile.read(bad);
      } catch (MalformedTreeException e) {
        assertThat(e).as("seed %d, round %d", seed, i).hasMessageMatching("(?s).+");
      }
    }
  }
}
