package dev.wherry.master.store;

/** One write of a transaction. */
public sealed interface Operation {
  Key key();

  Precondition precondition();

  record Put(Key key, byte[] value, Precondition precondition) implements Operation {}

  /**
   * Removing an absent key is a conflict where the precondition asks for a revision, else it does
   * nothing.
   */
  record Delete(Key key, Precondition precondition) implements Operation {}
}
