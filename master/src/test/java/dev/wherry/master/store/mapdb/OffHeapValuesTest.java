package dev.wherry.master.store.mapdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffHeapValuesTest {
  private final OffHeapValues values = new OffHeapValues();

  @Test
  void keepsBytesOfAnySize() {
    for (int size : new int[] {0, 1, 15, 16, 100, 4000, 65_000, 66_000, 200_000, 1_500_000}) {
      byte[] value = new byte[size];
      new Random(size).nextBytes(value);
      long handle = values.put(size, value);
      assertThat(values.get(handle, size)).hasValueSatisfying(v -> assertThat(v).isEqualTo(value));
    }
  }

  @Test
  void aRemovedValueIsNeverTakenForAnother() {
    for (int size : new int[] {1, 100_000}) {
      long first = values.put(1, new byte[size]);
      values.remove(first);
      assertThat(values.put(2, new byte[size])).isEqualTo(first);
      assertThat(values.get(first, 1)).isEmpty();
      values.remove(first);
    }
  }

  @Test
  void givesMemoryOfRemovedValuesToNewOnes() {
    Random random = new Random(11);
    Deque<Long> kept = new ArrayDeque<>();
    long afterWarming = 0;
    for (long revision = 0; revision < 40_000; revision++) {
      int size = random.nextInt(1000) == 0 ? 150_000 : 500 + random.nextInt(7_000);
      byte[] value = new byte[size];
      Arrays.fill(value, (byte) revision);
      kept.addLast(values.put(revision, value));
      long old = revision - 500;
      if (old >= 0) {
        byte[] read = values.get(kept.getFirst(), old).orElseThrow();
        assertThat(read[read.length - 1]).isEqualTo((byte) old);
        values.remove(kept.removeFirst());
      }
      if (revision == 10_000) {
        afterWarming = values.bytes();
      }
    }
    // 500 values of 4 KB on average.
    assertThat(afterWarming).isLessThan(6 << 20);
    assertThat(values.bytes()).isLessThanOrEqualTo(afterWarming + (1 << 20));
  }
}
