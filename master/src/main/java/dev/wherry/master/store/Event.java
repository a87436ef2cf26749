package dev.wherry.master.store;

import java.util.Optional;

/** A change of one key, as a watch tells it. */
public sealed interface Event {
  Key key();

  Revision revision();

  /** The value before is absent when the key was. */
  record Put(Entry entry, Optional<Entry> previous) implements Event {
    @Override
    public Key key() {
      return entry.key();
    }

    @Override
    public Revision revision() {
      return entry.modified();
    }
  }

  record Delete(Entry previous, Revision revision) implements Event {
    @Override
    public Key key() {
      return previous.key();
    }
  }
}
