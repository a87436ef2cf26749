package dev.wherry.api.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ObjTest {
  private final Obj obj =
      Json.read(
          """
          {"s":"text","n":7,"d":1.5,"b":true,"z":null,"o":{"x":{"y":1}},"l":["a",1,{"k":"v"}],
           "m":{"a":"1","b":2}}
          """);

  @Test
  void readsWhatIsThere() {
    assertThat(obj.string("s")).isEqualTo("text");
    assertThat(obj.number("n", 0)).isEqualTo(7);
    assertThat(obj.number("d", 0)).isEqualTo(1);
    assertThat(obj.flag("b")).isTrue();
    assertThat(obj.at("o", "x").number("y", 0)).isEqualTo(1);
    assertThat(obj.strings("l")).containsExactly("a");
    assertThat(obj.objs("l")).containsExactly(Obj.EMPTY, Obj.EMPTY, Obj.of("k", "v"));
    assertThat(obj.stringMap("m")).containsExactly(Map.entry("a", "1"));
    assertThat(obj.get("z")).contains(Null.NULL);
    assertThat(obj.valueAt(obj.placeOf("n"))).isEqualTo(7L);
  }

  @Test
  void whatIsAbsentOrOfAnotherTypeReadsAsZero() {
    for (String key : List.of("absent", "z", "l")) {
      assertThat(obj.string(key)).isEmpty();
      assertThat(obj.number(key, -1)).isEqualTo(-1);
      assertThat(obj.flag(key)).isFalse();
      assertThat(obj.flag(key, true)).isTrue();
      assertThat(obj.obj(key)).isSameAs(Obj.EMPTY);
      assertThat(obj.stringMap(key)).isEmpty();
    }
    assertThat(obj.list("s")).isEmpty();
    assertThat(obj.at("s", "x", "y")).isSameAs(Obj.EMPTY);
    assertThat(obj.placeOf("absent")).isEqualTo(-1);
    assertThat(obj.get("absent")).isEmpty();
  }

  @Test
  void changesMakeNewObjects() {
    assertThat(obj.with("n", 8).number("n", 0)).isEqualTo(8);
    assertThat(obj.number("n", 0)).isEqualTo(7);
    assertThat(obj.with("n", 7)).isSameAs(obj);
    assertThat(obj.without("absent")).isSameAs(obj);
    assertThat(Obj.of("a", 1).without("a")).isSameAs(Obj.EMPTY);
    assertThat(Obj.EMPTY.withAt(1, "a", "b", "c").toString())
        .isEqualTo("{\"a\":{\"b\":{\"c\":1}}}");
    assertThat(Obj.of("a", 5).withAt(1, "a", "b").toString()).isEqualTo("{\"a\":{\"b\":1}}");
    assertThat(obj.change("o", o -> o.with("q", 1)).at("o").number("q", 0)).isEqualTo(1);
    assertThat(Obj.of("a", 1, "b", 2).with("a", 3).toString()).isEqualTo("{\"a\":3,\"b\":2}");
  }

  @Test
  void listsAreImmutable() {
    assertThatThrownBy(() -> obj.list("l").add("x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> obj.stringMap("m").put("x", "y"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void equalityKnowsNoOrder() {
    assertThat(Obj.of("a", 1, "b", 2))
        .isEqualTo(Obj.of("b", 2, "a", 1))
        .hasSameHashCodeAs(Obj.of("b", 2, "a", 1))
        .isNotEqualTo(Obj.of("a", 1))
        .isNotEqualTo(Obj.of("a", 1, "b", 3))
        .isNotEqualTo(Obj.of("a", 1, "c", 2));
    assertThat(Obj.of("a", List.of(1, 2))).isNotEqualTo(Obj.of("a", List.of(2, 1)));
  }

  @Test
  void refusesWhatIsNoTree() {
    assertThatThrownBy(() -> Obj.of("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Obj.of(1, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Obj.of("a", 1, "a", 2)).hasMessageContaining("twice");
    assertThatThrownBy(() -> Obj.of("a", new Object())).hasMessageContaining("no JSON value");
  }

  @Test
  void takesJavaValues() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("i", 1);
    map.put("f", 0.5f);
    map.put("l", List.of(List.of()));
    map.put("m", Map.of("k", "v"));
    map.put("n", null);
    assertThat(Obj.of(map).toString())
        .isEqualTo("{\"i\":1,\"f\":0.5,\"l\":[[]],\"m\":{\"k\":\"v\"},\"n\":null}");
  }

  @Test
  void iteratesInOrder() {
    var iterator = Obj.of("a", 1, "b", 2).iterator();
    assertThat(iterator.next()).isEqualTo(new Obj.Entry("a", 1L));
    assertThat(iterator.next()).isEqualTo(new Obj.Entry("b", 2L));
    assertThat(iterator.hasNext()).isFalse();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void buildersKeepPlacesAndDropWhatIsEmpty() {
    Obj built =
        Obj.builder()
            .put("a", 1)
            .put("b", 2)
            .put("a", 3)
            .putUnlessEmpty("c", "")
            .putUnlessEmpty("d", List.of())
            .putUnlessEmpty("e", Obj.EMPTY)
            .putUnlessEmpty("f", 0)
            .build();
    assertThat(built.toString()).isEqualTo("{\"a\":3,\"b\":2,\"f\":0}");
    assertThat(built.toBuilder().remove("b").remove("x").put("z", 1).build().toString())
        .isEqualTo("{\"a\":3,\"f\":0,\"z\":1}");
    assertThat(built.toBuilder().remove("a").put("a", 9).build().toString())
        .isEqualTo("{\"a\":9,\"b\":2,\"f\":0}");
    assertThat(Obj.of("a", 1).toBuilder().remove("a").build()).isSameAs(Obj.EMPTY);
  }

  /** A builder and a linked map, side by side, past the size from which builders are indexed. */
  @Test
  void buildersBehaveLikeLinkedMaps() {
    long seed = 99;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Obj.Builder builder = Obj.builder();
      Map<String, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < 300; i++) {
        String key = "k" + random.nextInt(90);
        if (random.nextInt(4) == 0) {
          builder.remove(key);
          map.remove(key);
        } else {
          builder.put(key, i);
          map.put(key, (long) i);
        }
        assertThat(builder.get(key).isPresent())
            .as("seed %d", seed)
            .isEqualTo(map.containsKey(key));
      }
      assertThat(builder.build()).as("seed %d", seed).isEqualTo(Obj.of(map));
    }
  }
}
