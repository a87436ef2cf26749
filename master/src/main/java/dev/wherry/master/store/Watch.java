package dev.wherry.master.store;

import java.util.List;

/**
 * An open watch. Closing it twice does nothing; no event comes after {@link #close} has returned on
 * another thread's behalf.
 */
public interface Watch extends AutoCloseable {

  /**
   * Takes a watch's events; called by one thread at a time, never with an empty list. It must not
   * block.
   */
  @FunctionalInterface
  interface Listener {
    void onEvents(List<Event> events);
  }

  @Override
  void close();
}
