package dev.wherry.agent.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.eviction.EvictionOrder.Candidate;
import dev.wherry.agent.eviction.PressureState.Observation;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a node runs short, and who leaves for it. */
class EvictionTest {
  private static final long MIB = 1 << 20;
  private static final Instant START = Instant.EPOCH;

  private static PodView pod(String name, long priority, String request, String more) {
    return new PodView(
        Json.read(
            """
            {"metadata":{"name":"%s","namespace":"d","uid":"%s"},
             "spec":{"priority":%d,"containers":[{"name":"a","resources":{"requests":{%s}}}]%s}}
            """
                .formatted(name, name, priority, request, more)));
  }

  private static Candidate uses(PodView pod, long mebibytes) {
    return new Candidate(pod, Map.of("a", mebibytes * MIB), 0);
  }

  private static List<String> names(List<Candidate> candidates) {
    return candidates.stream().map(each -> each.pod().key().name()).toList();
  }

  @Test
  void letsThoseLeaveFirstThatUseMoreThanTheyAskedFor() {
    List<Candidate> all =
        List.of(
            uses(pod("within", 0, "\"memory\":\"100Mi\"", ""), 90),
            uses(pod("above", 0, "\"memory\":\"10Mi\"", ""), 30),
            uses(pod("far-above", 0, "", ""), 50),
            uses(pod("above-but-important", 100, "", ""), 500),
            uses(pod("within-important", 1000, "\"memory\":\"100Mi\"", ""), 10),
            uses(pod("critical", 2_000_000_000, "", ""), 900));
    assertThat(names(EvictionOrder.order(Signal.MEMORY_AVAILABLE, all)))
        .containsExactly("far-above", "above", "above-but-important", "within", "within-important");
    assertThat(names(EvictionOrder.order(Signal.PID_AVAILABLE, all)))
        .containsExactly("within", "far-above", "above", "above-but-important", "within-important");
  }

  @Test
  void ranksDisksByWhatIsAskedOfThem() {
    List<Candidate> all =
        List.of(
            uses(pod("asked", 0, "\"ephemeral-storage\":\"1Gi\"", ""), 900),
            uses(pod("unasked", 0, "", ""), 5));
    assertThat(names(EvictionOrder.order(Signal.NODEFS_AVAILABLE, all)))
        .containsExactly("unasked", "asked");
    assertThat(names(EvictionOrder.order(Signal.NODEFS_INODES_FREE, all)))
        .containsExactly("asked", "unasked");
  }

  @Test
  void neverRanksACriticalPodAndNeverOneWithinItsRequestBeforeOneAbove() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      List<Candidate> all = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        long priority = random.nextInt(5) == 0 ? 2_000_000_000L : random.nextInt(3);
        String request = "\"memory\":\"" + (1 + random.nextInt(50)) + "Mi\"";
        all.add(uses(pod("p" + i, priority, request, ""), random.nextInt(100)));
      }
      List<Candidate> order = EvictionOrder.order(Signal.MEMORY_AVAILABLE, all);
      boolean within = false;
      long last = -1;
      for (Candidate each : order) {
        boolean exceeds = each.used() > each.pod().containers().getFirst().requests().memoryBytes();
        assertThat(each.pod().priority()).as("seed %d", seed).isLessThan(2_000_000_000L);
        assertThat(within && exceeds).as("seed %d", seed).isFalse();
        if (within == !exceeds) {
          assertThat(each.pod().priority()).as("seed %d", seed).isGreaterThanOrEqualTo(last);
        }
        within = !exceeds;
        last = each.pod().priority();
      }
      assertThat(order)
          .as("seed %d", seed)
          .hasSize(
              (int) all.stream().filter(each -> each.pod().priority() < 2_000_000_000L).count());
    }
  }

  @Test
  void saysWhyInKubernetesWords() {
    Threshold threshold = Threshold.parse("memory.available<100Mi", "").getFirst();
    assertThat(
            EvictionOrder.message(
                threshold,
                new Observation(50 * MIB, 1000 * MIB),
                uses(pod("p", 0, "\"memory\":\"10Mi\"", ""), 64)))
        .isEqualTo(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi."
                + " Container a was using 64Mi, request is 10Mi, has larger consumption of"
                + " memory. ");
  }

  @Test
  void keepsAConditionForAWhileAfterItsCauseIsGone() {
    EvictionPolicy policy = EvictionPolicy.DEFAULT;
    var low = Map.of(Signal.MEMORY_AVAILABLE, new Observation(99 * MIB, 1000 * MIB));
    var high = Map.of(Signal.MEMORY_AVAILABLE, new Observation(200 * MIB, 1000 * MIB));
    PressureState state = PressureState.NONE.next(policy, low, START);
    assertThat(state.conditions()).containsExactly("MemoryPressure");
    assertThat(state.due(START)).hasValueSatisfying(each -> assertThat(each.isHard()).isTrue());
    state = state.next(policy, high, START.plusSeconds(10));
    assertThat(state.due(START.plusSeconds(10))).isEmpty();
    assertThat(state.conditions()).containsExactly("MemoryPressure");
    assertThat(state.next(policy, high, START.plusSeconds(300)).conditions()).isNotEmpty();
    assertThat(state.next(policy, high, START.plusSeconds(301)).conditions()).isEmpty();
  }

  @Test
  void waitsOutTheGraceOfASoftThreshold() {
    EvictionPolicy policy =
        new EvictionPolicy(
            Threshold.parse("nodefs.available<20%", "nodefs.available=1m30s"),
            Threshold.reclaims("nodefs.available=100Mi"),
            Duration.ZERO,
            Duration.ofSeconds(20));
    var low = Map.of(Signal.NODEFS_AVAILABLE, new Observation(199 * MIB, 1000 * MIB));
    PressureState state = PressureState.NONE.next(policy, low, START);
    assertThat(state.conditions()).containsExactly("DiskPressure");
    assertThat(state.due(START.plusSeconds(89))).isEmpty();
    Threshold due = state.due(START.plusSeconds(90)).orElseThrow();
    assertThat(PressureState.grace(due, policy, Duration.ofSeconds(30)))
        .isEqualTo(Duration.ofSeconds(20));
    // Once passed it holds until as much more is free as is to be reclaimed.
    var more = Map.of(Signal.NODEFS_AVAILABLE, new Observation(250 * MIB, 1000 * MIB));
    assertThat(state.next(policy, more, START.plusSeconds(10)).passed()).isNotEmpty();
    assertThat(PressureState.NONE.next(policy, more, START).passed()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          memory.free<1Gi | '' | unsupported eviction signal "memory.free<1Gi"
          memory.available<1Gi,memory.available<2Gi | '' | duplicate eviction signal memory.available
          nodefs.available<120% | '' | must be between 0% and 100%: 120%
          memory.available<1Gi | nodefs.available=1m | grace period must be specified for the soft eviction threshold memory.available
          memory.available<1Gi | memory.available=soon | invalid duration "soon"
          """)
  void refusesThresholdsThatMakeNoSense(String thresholds, String graces, String words) {
    assertThatThrownBy(() -> Threshold.parse(thresholds, graces))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words);
  }

  @Test
  void holdsLimitsOfEphemeralStorage() {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"metadata":{"name":"p"},"spec":{"containers":[
                  {"name":"a","resources":{"limits":{"ephemeral-storage":"1Mi"}}},
                  {"name":"b","resources":{"limits":{"ephemeral-storage":"2Mi"}}}]}}
                """));
    assertThat(StorageLimits.objection(pod, Map.of("a", MIB, "b", MIB), MIB)).isEmpty();
    assertThat(StorageLimits.objection(pod, Map.of("a", MIB + 1, "b", 0L), 0))
        .contains("Container a exceeded its local ephemeral storage limit \"1Mi\". ");
    assertThat(StorageLimits.objection(pod, Map.of("a", MIB, "b", MIB), MIB + 1))
        .contains(
            "Pod ephemeral local storage usage exceeds the total limit of containers 3145728. ");
  }
}
