package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.samples.TrafficRates;
import dev.wherry.master.samples.UsageReport.Counters;
import dev.wherry.master.samples.UsageReport.Target;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What Wherry's own dataplane counts of Services and Ingresses, as metrics of these objects: {@code
 * requests-per-second}, {@code connections-per-second} and {@code bytes-per-second}, also written
 * with underscores. Thread-safe.
 */
public final class TrafficMetrics implements ObjectMetrics {
  private static final Map<String, ToLongFunction<Counters>> COUNTERS =
      Map.of(
          "requests-per-second", Counters::requests,
          "connections-per-second", Counters::connections,
          "bytes-per-second", Counters::bytes);

  private final TrafficRates rates;
  private final Informer services;
  private final Informer ingresses;

  public TrafficMetrics(TrafficRates rates, Informer services, Informer ingresses) {
    this.rates = rates;
    this.services = services;
    this.ingresses = ingresses;
  }

  @Override
  public Reading value(String kind, ObjectKey key, String metric) {
    ToLongFunction<Counters> counter = COUNTERS.get(metric.replace('_', '-'));
    if (counter == null) {
      return new Reading.Unknown("the server could not find the metric " + metric);
    }
    return switch (kind) {
      case "Service" -> value(services, new Target(Target.Kind.SERVICE, key), counter);
      case "Ingress" -> value(ingresses, new Target(Target.Kind.INGRESS, key), counter);
      default ->
          new Reading.Unknown("nothing is counted of " + kind + ", only of Service and Ingress");
    };
  }

  private Reading value(Informer objects, Target target, ToLongFunction<Counters> counter) {
    if (objects.get(target.key()).isEmpty()) {
      return new Reading.Unknown("not found");
    }
    return Reading.of(
        rates.perSecond(target, counter), "no node has counted for long enough to tell");
  }
}
