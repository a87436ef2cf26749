package dev.wherry.api.tree;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A bounded pool of short strings: keys, names and enumerated values recur in every object of a
 * cluster, and one copy of each serves. {@value #SLOTS} slots, one string a slot, a later string
 * with the same slot takes its place. Thread-safe without locks: a race costs a second copy,
 * nothing else.
 */
public final class StringPool {
  private static final int SLOTS = 4096;
  private static final AtomicReferenceArray<String> POOL = new AtomicReferenceArray<>(SLOTS);

  private StringPool() {}

  /** This string, or an equal one that is held already. */
  public static String pooled(String text) {
    int hash = text.hashCode();
    int slot = (hash ^ (hash >>> 12) ^ (hash >>> 22)) & (SLOTS - 1);
    String held = POOL.getPlain(slot);
    if (text.equals(held)) {
      return held;
    }
    POOL.setRelease(slot, text);
    return text;
  }
}
