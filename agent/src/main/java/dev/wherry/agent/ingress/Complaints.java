package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who look after an Ingress what is wrong with it, in the log and as events: the same
 * words once in {@link #AGAIN_AFTER}, however many requests meet them. Thread-safe.
 */
final class Complaints {
  private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);

  static final Duration AGAIN_AFTER = Duration.ofMinutes(5);

  /** Complaints that are remembered; past it the eldest may be told again sooner. */
  static final int MAX_KNOWN = 256;

  private record Said(ObjectKey ingress, String message) {}

  private final IngressEvents events;
  private final InstantSource clock;

  // Guarded by this.
  private final Map<Said, Long> told = new LinkedHashMap<>();

  Complaints(IngressEvents events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  void tell(ObjectKey ingress, String reason, String message) {
    if (isNew(new Said(ingress, message))) {
      LOG.warn("Ingress {}: {}", ingress, message);
      events.warn(ingress, reason, message);
    }
  }

  private synchronized boolean isNew(Said said) {
    long now = clock.millis();
    Long before = told.get(said);
    if (before != null && now - before < AGAIN_AFTER.toMillis()) {
      return false;
    }
    told.remove(said); // the eldest stands first
    told.put(said, now);
    if (told.size() > MAX_KNOWN) {
      told.remove(told.keySet().iterator().next());
    }
    return true;
  }
}
