package dev.wherry.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.dns.DnsCounts.Kind;
import dev.wherry.agent.dns.DnsCounts.Protocol;
import dev.wherry.agent.dns.DnsCounts.Remembered;
import dev.wherry.agent.dns.DnsCounts.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DnsMetricsTest {

  @Test
  void addsUpWhatDiffersInNothingThatASampleTells() {
    String text =
        DnsMetrics.render(
            Map.of(
                new Kind(Protocol.UDP, "A", Source.CLUSTER, "NOERROR"), 5L,
                new Kind(Protocol.UDP, "A", Source.CLUSTER, "NXDOMAIN"), 3L,
                new Kind(Protocol.TCP, "AAAA", Source.CLUSTER, "NOERROR"), 2L,
                new Kind(Protocol.UDP, "A", Source.OTHERS, "NOERROR"), 1L),
            Map.of(Remembered.ANSWER, 4L, Remembered.NOTHING, 1L));

    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            requests("tcp", "AAAA", 2),
            requests("udp", "A", 9),
            responses("forward", "NOERROR", 1),
            responses("kubernetes", "NOERROR", 7),
            responses("kubernetes", "NXDOMAIN", 3),
            "coredns_cache_hits_total{server=\"dns://:53\",view=\"\",zones=\".\",type=\"success\"} 4",
            "coredns_cache_hits_total{server=\"dns://:53\",view=\"\",zones=\".\",type=\"denial\"} 0",
            "coredns_cache_misses_total{server=\"dns://:53\",view=\"\",zones=\".\"} 1",
            "coredns_cache_served_stale_total{server=\"dns://:53\",view=\"\",zones=\".\"} 0");
  }

  private static String requests(String protocol, String type, int times) {
    return "coredns_dns_requests_total{family=\"1\",proto=\"%s\",server=\"dns://:53\",type=\"%s\",view=\"\",zone=\".\"} %d"
        .formatted(protocol, type, times);
  }

  private static String responses(String plugin, String code, int times) {
    return "coredns_dns_responses_total{plugin=\"%s\",rcode=\"%s\",server=\"dns://:53\",view=\"\",zone=\".\"} %d"
        .formatted(plugin, code, times);
  }
}
