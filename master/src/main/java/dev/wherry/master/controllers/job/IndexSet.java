package dev.wherry.master.controllers.job;

import java.util.BitSet;

/**
 * Completion indexes as a job's status writes them: {@code 1,3-5,7}. Immutable towards its callers.
 */
record IndexSet(BitSet bits) {
  /** As many completions as an indexed job may have (Kubernetes: Job limits). */
  private static final int MAX_INDEX = 1_000_000;

  IndexSet {
    bits = (BitSet) bits.clone();
  }

  /** Parts that are no numbers, or past every limit, are left out. */
  static IndexSet parse(String text) {
    BitSet bits = new BitSet();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int dash = part.indexOf('-');
      int from = number(dash < 0 ? part : part.substring(0, dash));
      int to = dash < 0 ? from : number(part.substring(dash + 1));
      if (from >= 0 && to >= from) {
        bits.set(from, to + 1);
      }
    }
    return new IndexSet(bits);
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number < MAX_INDEX ? number : -1;
    } catch (NumberFormatException _) {
      return -1; // left out
    }
  }

  boolean contains(int index) {
    return index >= 0 && bits.get(index);
  }

  int size() {
    return bits.cardinality();
  }

  IndexSet with(int index) {
    BitSet more = (BitSet) bits.clone();
    more.set(index);
    return new IndexSet(more);
  }

  /** Those below the end. */
  IndexSet below(long end) {
    return new IndexSet(bits.get(0, (int) Math.min(end, MAX_INDEX)));
  }

  int sizeWithin(IndexSet others) {
    BitSet both = (BitSet) bits.clone();
    both.and(others.bits);
    return both.cardinality();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int from = bits.nextSetBit(0); from >= 0; ) {
      int end = bits.nextClearBit(from);
      text.append(text.isEmpty() ? "" : ",").append(from);
      if (end - from > 1) {
        text.append(end - from == 2 ? "," : "-").append(end - 1);
      }
      from = bits.nextSetBit(end);
    }
    return text.toString();
  }
}
