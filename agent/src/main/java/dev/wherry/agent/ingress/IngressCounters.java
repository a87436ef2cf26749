package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Requests and bytes of each Ingress, and of each service that its routes led to. Thread-safe. */
public final class IngressCounters {
  /** Services, and Ingresses, counted one by one; past it the rest is counted nowhere. */
  private static final int MAX_COUNTED = 10_000;

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
  private final Map<ObjectKey, Adders> ingresses = new ConcurrentHashMap<>();

  void request(ObjectKey ingress, ObjectKey service, int status, long bytes) {
    count(ingresses, ingress, status, bytes);
    count(services, service, status, bytes);
  }

  private static void count(Map<ObjectKey, Adders> all, ObjectKey key, int status, long bytes) {
    Adders adders = all.get(key);
    if (adders == null) {
      if (all.size() >= MAX_COUNTED) {
        return;
      }
      adders = all.computeIfAbsent(key, _ -> new Adders());
    }
    adders.requests.increment();
    adders.bytes.add(bytes);
    if (status >= 500) {
      adders.errors.increment();
    }
  }

  /** By service. */
  public Map<ObjectKey, Count> services() {
    return read(services);
  }

  /** By Ingress. */
  public Map<ObjectKey, Count> ingresses() {
    return read(ingresses);
  }

  private static Map<ObjectKey, Count> read(Map<ObjectKey, Adders> all) {
    Map<ObjectKey, Count> counts = new TreeMap<>();
    all.forEach(
        (key, adders) ->
            counts.put(
                key, new Count(adders.requests.sum(), adders.errors.sum(), adders.bytes.sum())));
    return counts;
  }
}
