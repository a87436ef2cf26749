package dev.wherry.master.store;

/**
 * The store's counter: one for each key written, ascending, never handed out twice. Zero is before
 * the first.
 */
public record Revision(long number) implements Comparable<Revision> {
  public static final Revision ZERO = new Revision(0);

  public Revision next() {
    return new Revision(number + 1);
  }

  @Override
  public int compareTo(Revision other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return Long.toString(number);
  }
}
