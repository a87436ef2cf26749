package dev.wherry.master.store;

/**
 * What must be true of a key for a write to it; checked when the record is ordered and again when
 * it is applied.
 */
public sealed interface Precondition {
  /** Anything. */
  record None() implements Precondition {}

  /** The key is absent. */
  record Absent() implements Precondition {}

  /** The key is there, last put at this revision. */
  record ModifiedAt(Revision revision) implements Precondition {}
}
