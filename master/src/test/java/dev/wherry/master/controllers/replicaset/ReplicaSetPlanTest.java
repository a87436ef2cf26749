package dev.wherry.master.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ReplicaSetView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

  private static ReplicaSetView set(long replicas) {
    return new ReplicaSetView(
        Json.read(
            """
            {"apiVersion": "apps/v1", "kind": "ReplicaSet",
             "metadata": {"namespace": "n", "name": "s", "uid": "s1"},
             "spec": {"replicas": %d, "selector": {"matchLabels": {"app": "web"}}}}
            """
                .formatted(replicas)));
  }

  private static Obj pod(String name, String app, String node, boolean ready) {
    return Json.read(
        """
        {"metadata": {"namespace": "n", "name": "%s", "uid": "%s", "labels": {"app": "%s"}},
         "spec": {"nodeName": "%s"},
         "status": {"phase": "%s", "conditions": [{"type": "Ready", "status": "%s",
            "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
        """
            .formatted(
                name, name, app, node, ready ? "Running" : "Pending", ready ? "True" : "False"));
  }

  private static Obj owned(Obj pod) {
    return pod.withAt(
        List.of(OwnerReference.controlledBy(set(0).tree()).toObj()), "metadata", "ownerReferences");
  }

  private static List<String> names(List<PodView> pods) {
    return pods.stream().map(pod -> pod.meta().name()).toList();
  }

  @Test
  void deletesWhatIsMissedLeastFirst() {
    List<Obj> pods =
        List.of(
            owned(pod("ready", "web", "a", true)),
            owned(pod("unready", "web", "a", false)),
            owned(pod("crowded", "web", "b", true)),
            owned(pod("crowded2", "web", "b", true)),
            owned(pod("crowded3", "web", "b", true)),
            owned(pod("unbound", "web", "", false)));
    assertThat(names(ReplicaSetPlan.plan(set(5), pods, List.of(), NOW).delete()))
        .containsExactly("unbound");
    assertThat(names(ReplicaSetPlan.plan(set(3), pods, List.of(), NOW).delete()))
        .containsExactly("unbound", "unready", "crowded");
  }

  /** Ready for 60, 100 and 6,000 seconds: the first two are of one order of magnitude. */
  @Test
  void takesTheUidAmongPodsOfAboutOneAge() {
    List<Obj> pods =
        List.of(
            owned(readySince(pod("a", "web", "x", true), 100)),
            owned(readySince(pod("b", "web", "y", true), 69)),
            owned(readySince(pod("c", "web", "z", true), 6000)));
    assertThat(names(ReplicaSetPlan.plan(set(1), pods, List.of(), NOW).delete()))
        .containsExactly("a", "b");
    List<Obj> apart =
        List.of(
            owned(readySince(pod("a", "web", "x", true), 100)),
            owned(readySince(pod("b", "web", "y", true), 10)));
    assertThat(names(ReplicaSetPlan.plan(set(1), apart, List.of(), NOW).delete()))
        .containsExactly("b");
  }

  private static Obj readySince(Obj pod, long seconds) {
    return pod.withAt(
        List.of(
            Obj.of(
                "type",
                "Ready",
                "status",
                "True",
                "lastTransitionTime",
                Meta.Times.format(NOW.minusSeconds(seconds)))),
        "status",
        "conditions");
  }

  @Test
  void adoptsBeforeItMakesAndReleasesWhatItNoLongerSelects() {
    ReplicaSetPlan plan =
        ReplicaSetPlan.plan(
            set(3),
            List.of(owned(pod("stray", "other", "a", true))),
            List.of(pod("orphan", "web", "a", true), pod("foreign", "db", "a", true)),
            NOW);
    assertThat(plan.create()).isEqualTo(2);
    assertThat(plan.adopt()).hasSize(1);
    assertThat(Meta.of(plan.adopt().getFirst()).controller().orElseThrow().uid()).isEqualTo("s1");
    assertThat(plan.release()).hasSize(1);
    assertThat(Meta.of(plan.release().getFirst()).ownerReferences()).isEmpty();
  }

  @Test
  void leavesItsPodsAloneWhileItIsBeingDeleted() {
    Obj doomed = set(3).tree().withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp");
    ReplicaSetPlan plan =
        ReplicaSetPlan.plan(
            new ReplicaSetView(doomed), List.of(), List.of(pod("orphan", "web", "a", true)), NOW);
    assertThat(plan.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void asksForNothingMoreOnceThePlanIsCarriedOut(long seed) {
    Random random = new Random(seed);
    List<Obj> owned = new ArrayList<>();
    List<Obj> orphans = new ArrayList<>();
    int count = random.nextInt(12);
    for (int i = 0; i < count; i++) {
      Obj pod =
          pod(
              "p" + i,
              random.nextInt(4) == 0 ? "other" : "web",
              random.nextBoolean() ? "a" : "",
              random.nextBoolean());
      if (random.nextInt(5) == 0) {
        pod = pod.withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp");
      }
      if (random.nextInt(3) == 0) {
        orphans.add(pod);
      } else {
        owned.add(owned(pod));
      }
    }
    ReplicaSetView set = set(random.nextInt(10));
    ReplicaSetPlan plan = ReplicaSetPlan.plan(set, owned, orphans, NOW);
    owned.removeIf(pod -> contains(plan.release(), pod));
    orphans.removeIf(pod -> contains(plan.adopt(), pod));
    owned.addAll(plan.adopt());
    orphans.addAll(plan.release());
    owned.removeIf(pod -> names(plan.delete()).contains(Meta.of(pod).name()));
    for (int i = 0; i < plan.create(); i++) {
      owned.add(owned(pod("new" + i, "web", "", false)));
    }
    assertThat(ReplicaSetPlan.plan(set, owned, orphans, NOW).isEmpty())
        .as("seed %d", seed)
        .isTrue();
  }

  private static boolean contains(List<Obj> pods, Obj pod) {
    return pods.stream().anyMatch(each -> Meta.of(each).name().equals(Meta.of(pod).name()));
  }
}
