package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Requests and bytes of each service that this node's routes led to. Thread-safe. */
public final class IngressCounters {
  /** Services counted one by one; past it the rest is counted nowhere. */
  private static final int MAX_SERVICES = 10_000;

  /**
   * Since the agent started.
   *
   * @param errors answers with 5xx, this proxy's own included
   * @param bytes of bodies, both ways
   */
  public record Count(long requests, long errors, long bytes) {}

  private static final class Adders {
    final LongAdder requests = new LongAdder();
    final LongAdder errors = new LongAdder();
    final LongAdder bytes = new LongAdder();
  }

  private final Map<ObjectKey, Adders> services = new ConcurrentHashMap<>();

  void request(ObjectKey service, int status, long bytes) {
    Adders adders = services.get(service);
    if (adders == null) {
      if (services.size() >= MAX_SERVICES) {
        return;
      }
      adders = services.computeIfAbsent(service, _ -> new Adders());
    }
    adders.requests.increment();
    adders.bytes.add(bytes);
    if (status >= 500) {
      adders.errors.increment();
    }
  }

  public Map<ObjectKey, Count> read() {
    Map<ObjectKey, Count> counts = new TreeMap<>();
    services.forEach(
        (service, adders) ->
            counts.put(
                service,
                new Count(adders.requests.sum(), adders.errors.sum(), adders.bytes.sum())));
    return counts;
  }
}
