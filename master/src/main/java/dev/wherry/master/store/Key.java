package dev.wherry.master.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A key: bytes, ordered as unsigned. The array is not to be changed by anyone. Immutable. */
public record Key(byte[] bytes) implements Comparable<Key> {

  public static Key of(String text) {
    return new Key(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The least key greater than every key with this one as its prefix: the end of the range of that
   * prefix.
   */
  public Key prefixEnd() {
    byte[] end = bytes.clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return new Key(Arrays.copyOf(end, i + 1));
      }
    }
    throw new IllegalArgumentException("a prefix of 0xff bytes alone has no end");
  }

  /** The least key greater than this one: where a range goes on after it. */
  public Key successor() {
    return new Key(Arrays.copyOf(bytes, bytes.length + 1));
  }

  @Override
  public int compareTo(Key other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Key key && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
