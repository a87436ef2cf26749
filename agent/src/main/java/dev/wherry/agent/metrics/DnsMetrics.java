package dev.wherry.agent.metrics;

import dev.wherry.agent.dns.DnsCounts.Kind;
import dev.wherry.agent.dns.DnsCounts.Remembered;
import dev.wherry.agent.dns.DnsCounts.Source;
import dev.wherry.agent.metrics.PrometheusText.Type;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Renders what the node's name server did under CoreDNS's names and labels, so that dashboards made
 * for it work: one server of one zone, the root, to which all names belong. Pure.
 */
final class DnsMetrics {
  private static final String SERVER = "dns://:53";
  private static final String ZONE = ".";

  /** Name servers of nodes have addresses of IPv4 alone. */
  private static final String FAMILY = "1";

  private DnsMetrics() {}

  /**
   * @param answered questions of each kind
   * @param looks into the memory of other servers' answers
   */
  static String render(Map<Kind, Long> answered, Map<Remembered, Long> looks) {
    PrometheusText text = new PrometheusText();
    text.family(
        "coredns_dns_requests_total",
        Type.COUNTER,
        "Counter of DNS requests made per zone, protocol and family.");
    samples(text, answered, DnsMetrics::request);
    text.family("coredns_dns_responses_total", Type.COUNTER, "Counter of response status codes.");
    samples(text, answered, DnsMetrics::response);
    text.family("coredns_cache_hits_total", Type.COUNTER, "The count of cache hits.");
    text.sample(hit("success"), times(looks, Remembered.ANSWER));
    text.sample(hit("denial"), times(looks, Remembered.DENIAL));
    text.family("coredns_cache_misses_total", Type.COUNTER, "The count of cache misses.");
    text.sample(cache(), times(looks, Remembered.NOTHING));
    text.family(
        "coredns_cache_served_stale_total",
        Type.COUNTER,
        "The number of requests served from stale cache entries.");
    text.sample(cache(), times(looks, Remembered.STALE));
    return text.toString();
  }

  /** Kinds that differ in nothing that a sample tells are one. */
  private static void samples(
      PrometheusText text, Map<Kind, Long> counts, Function<Kind, Map<String, String>> labels) {
    Map<String, Map<String, String>> named = new TreeMap<>();
    Map<Map<String, String>, Long> sums = new LinkedHashMap<>();
    counts.forEach(
        (kind, times) -> {
          Map<String, String> sample = labels.apply(kind);
          named.put(sample.toString(), sample);
          sums.merge(sample, times, Long::sum);
        });
    named.values().forEach(sample -> text.sample(sample, (double) sums.getOrDefault(sample, 0L)));
  }

  private static Map<String, String> request(Kind kind) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("family", FAMILY);
    labels.put("proto", kind.protocol().name().toLowerCase(Locale.ROOT));
    labels.put("server", SERVER);
    labels.put("type", kind.type());
    labels.put("view", "");
    labels.put("zone", ZONE);
    return labels;
  }

  private static Map<String, String> response(Kind kind) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("plugin", kind.source() == Source.CLUSTER ? "kubernetes" : "forward");
    labels.put("rcode", kind.code());
    labels.put("server", SERVER);
    labels.put("view", "");
    labels.put("zone", ZONE);
    return labels;
  }

  private static Map<String, String> cache() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("server", SERVER);
    labels.put("view", "");
    labels.put("zones", ZONE);
    return labels;
  }

  private static Map<String, String> hit(String type) {
    Map<String, String> labels = cache();
    labels.put("type", type);
    return labels;
  }

  private static double times(Map<Remembered, Long> looks, Remembered what) {
    return (double) looks.getOrDefault(what, 0L);
  }
}
