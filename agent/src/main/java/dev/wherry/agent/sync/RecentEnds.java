package dev.wherry.agent.sync;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Containers that were seen to end lately: a start may be told after its container's end. The
 * eldest of {@value #MAX} is forgotten for the next. Thread-safe.
 */
final class RecentEnds {
  private static final int MAX = 256;

  private final Map<String, Boolean> ids =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > MAX;
        }
      };

  synchronized void add(String containerId) {
    ids.put(containerId, true);
  }

  synchronized boolean contains(String containerId) {
    return ids.containsKey(containerId);
  }
}
