package dev.wherry.master.store;

/** Keys from {@code start} (with it) to {@code end} (without it). */
public record KeyRange(Key start, Key end) {

  public static KeyRange prefix(String prefix) {
    Key start = Key.of(prefix);
    return new KeyRange(start, start.prefixEnd());
  }

  public boolean contains(Key key) {
    return start.compareTo(key) <= 0 && key.compareTo(end) < 0;
  }
}
