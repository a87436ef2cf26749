package dev.wherry.master.store;

import java.util.Arrays;

/**
 * The versions of one key that are kept, ascending by revision. Immutable: a write makes a new
 * chain, so readers need no lock.
 *
 * <p>Four longs a version: its revision, the revision that created the key (0 marks a deletion),
 * the value's length and its handle in {@link Values}. One array keeps a key with a single version
 * at 64 bytes of heap.
 */
final class VersionChain {
  private static final int CELLS = 4;
  static final VersionChain EMPTY = new VersionChain(new long[0]);

  private final long[] cells;

  private VersionChain(long[] cells) {
    this.cells = cells;
  }

  VersionChain plus(long revision, long created, int length, long handle) {
    long[] longer = Arrays.copyOf(cells, cells.length + CELLS);
    longer[cells.length] = revision;
    longer[cells.length + 1] = created;
    longer[cells.length + 2] = length;
    longer[cells.length + 3] = handle;
    return new VersionChain(longer);
  }

  /** Without the versions before {@code index}. */
  VersionChain from(int index) {
    return index == 0
        ? this
        : new VersionChain(Arrays.copyOfRange(cells, index * CELLS, cells.length));
  }

  int size() {
    return cells.length / CELLS;
  }

  long revision(int index) {
    return cells[index * CELLS];
  }

  long created(int index) {
    return cells[index * CELLS + 1];
  }

  boolean deleted(int index) {
    return created(index) == 0;
  }

  int length(int index) {
    return (int) cells[index * CELLS + 2];
  }

  long handle(int index) {
    return cells[index * CELLS + 3];
  }

  /** The index of the newest version at or before the revision; -1 when there is none. */
  int at(long revision) {
    // Readers mostly ask for the newest one, and chains are short.
    for (int i = size() - 1; i >= 0; i--) {
      if (revision(i) <= revision) {
        return i;
      }
    }
    return -1;
  }
}
