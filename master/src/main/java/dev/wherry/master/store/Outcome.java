package dev.wherry.master.store;

import java.util.List;
import java.util.Optional;

/** What became of a transaction. */
public sealed interface Outcome {
  /** It is on disk; one revision an operation, in their order. */
  record Committed(List<Revision> revisions) implements Outcome {
    public Committed {
      revisions = List.copyOf(revisions);
    }

    public Revision last() {
      return revisions.getLast();
    }
  }

  /** A precondition failed on this key, which is now so; nothing was written. */
  record Conflict(Key key, Optional<Entry> actual) implements Outcome {}
}
