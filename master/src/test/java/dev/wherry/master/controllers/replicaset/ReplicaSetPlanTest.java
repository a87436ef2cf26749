package dev.wherry.master.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ReplicaSetView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaSetPlanTest {
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
    assertThat(names(ReplicaSetPlan.plan(set(5), pods, List.of()).delete()))
        .containsExactly("unbound");
    assertThat(names(ReplicaSetPlan.plan(set(3), pods, List.of()).delete()))
        .containsExactly("unbound", "unready", "crowded");
  }

  @Test
  void adoptsBeforeItMakesAndReleasesWhatItNoLongerSelects() {
    ReplicaSetPlan plan =
        ReplicaSetPlan.plan(
            set(3),
            List.of(owned(pod("stray", "other", "a", true))),
            List.of(pod("orphan", "web", "a", true), pod("foreign", "db", "a", true)));
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
            new ReplicaSetView(doomed), List.of(), List.of(pod("orphan", "web", "a", true)));
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
    ReplicaSetPlan plan = ReplicaSetPlan.plan(set, owned, orphans);
    owned.removeIf(pod -> contains(plan.release(), pod));
    orphans.removeIf(pod -> contains(plan.adopt(), pod));
    owned.addAll(plan.adopt());
    orphans.addAll(plan.release());
    owned.removeIf(pod -> names(plan.delete()).contains(Meta.of(pod).name()));
    for (int i = 0; i < plan.create(); i++) {
      owned.add(owned(pod("new" + i, "web", "", false)));
    }
    assertThat(ReplicaSetPlan.plan(set, owned, orphans).isEmpty()).as("seed %d", seed).isTrue();
  }

  private static boolean contains(List<Obj> pods, Obj pod) {
    return pods.stream().anyMatch(each -> Meta.of(each).name().equals(Meta.of(pod).name()));
  }
}
