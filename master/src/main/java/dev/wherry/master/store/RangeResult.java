package dev.wherry.master.store;

import java.util.List;

/**
 * Entries of a range at one revision, ascending by key.
 *
 * @param revision the revision that the list shows
 * @param more whether the limit cut the list
 * @param remaining how many entries follow behind the cut; 0 when nothing was cut
 */
public record RangeResult(List<Entry> entries, Revision revision, boolean more, long remaining) {
  public RangeResult {
    entries = List.copyOf(entries);
  }
}
