package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LongListTest {
  private final EncodedObjects encoded = new EncodedObjects();

  private static Obj list(List<Obj> items) {
    return Obj.of("kind", "PodList", "metadata", Obj.of("resourceVersion", "7"), "items", items);
  }

  private static Obj item(int number) {
    return Obj.of("metadata", Obj.of("name", "n" + number), "data", "é\"\\" + "x".repeat(number));
  }

  private byte[] written(Obj list) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LongList.of(list, encoded).writeTo(out);
    return out.toByteArray();
  }

  @Test
  void isWrittenAsTheWholeTreeWouldBe() throws IOException {
    for (int size : List.of(0, 1, 2, 300)) {
      Obj list = list(IntStream.range(0, size).mapToObj(LongListTest::item).toList());
      assertThat(written(list)).isEqualTo(Json.write(list));
      assertThat(written(list)).isEqualTo(Json.write(list)); // from what is held
    }
  }

  @Test
  void showsWhatAnObjectHasBecome() throws IOException {
    Obj before = item(1);
    written(list(List.of(before)));
    Obj after = list(List.of(before.with("data", "other")));
    assertThat(written(after)).isEqualTo(Json.write(after));
  }

  @Test
  void encodesAnObjectOnce() {
    Obj object = item(5);
    assertThat(encoded.json(object)).isSameAs(encoded.json(object));
  }

  @Test
  void holdsNoMoreThanItsBound() {
    String large = "x".repeat(100_000);
    for (int i = 0; i < 300; i++) {
      Obj object = Obj.of("number", i, "data", large);
      assertThat(encoded.json(object)).isEqualTo(Json.write(object));
      assertThat(encoded.heldBytes()).isLessThanOrEqualTo(EncodedObjects.MAX_BYTES);
    }
    assertThat(encoded.heldBytes()).isGreaterThan(EncodedObjects.MAX_BYTES / 2);
  }
}
