package dev.wherry.master.registry;

import java.util.List;

/** An open watch of objects. */
public interface ObjectWatch extends AutoCloseable {

  /** Takes events in order; called by one thread at a time; must not block. */
  interface Listener {
    void onEvents(List<WatchEvent> events);
  }

  /** Asks for a {@link WatchEvent.Bookmark} once everything before it has been told. */
  default void requestBookmark() {}

  @Override
  void close();
}
