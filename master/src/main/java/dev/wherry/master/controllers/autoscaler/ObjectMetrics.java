package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.ObjectKey;
import java.util.OptionalDouble;

/**
 * Metrics of single objects, such as the requests a second of a Service; a port that who counts
 * them fills. Thread-safe.
 */
@FunctionalInterface
public interface ObjectMetrics {
  /** Nobody counts anything. */
  ObjectMetrics NONE = (kind, key, metric) -> OptionalDouble.empty();

  /** The value now; empty when it is not known. */
  OptionalDouble value(String kind, ObjectKey key, String metric);
}
