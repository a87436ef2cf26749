package dev.wherry.master.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.DeploymentView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.controllers.workload.PodCount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentPlanTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** A deployment with its sets and pods as numbers, whose plans are carried out at once. */
  private static final class World {
    Obj deployment;
    final Map<String, Obj> sets = new LinkedHashMap<>();
    final Map<String, Integer> pods = new LinkedHashMap<>();
    final Map<String, Integer> ready = new LinkedHashMap<>();
    Instant now = START;

    World(long replicas, String strategy) {
      deployment =
          Json.read(
              """
              {"apiVersion": "apps/v1", "kind": "Deployment",
               "metadata": {"namespace": "n", "name": "web", "uid": "d", "generation": 1,
                 "annotations": {"note": "x"}},
               "spec": {"replicas": %d, "selector": {"matchLabels": {"app": "web"}},
                 "strategy": %s,
                 "template": {"metadata": {"labels": {"app": "web"}},
                   "spec": {"containers": [{"name": "c", "image": "v1"}]}}}}
              """
                  .formatted(replicas, strategy));
    }

    DeploymentView view() {
      return new DeploymentView(deployment);
    }

    void image(String image) {
      Obj container = Obj.of("name", "c", "image", image);
      deployment = deployment.withAt(List.of(container), "spec", "template", "spec", "containers");
      bump();
    }

    void replicas(long count) {
      deployment = deployment.withAt(count, "spec", "replicas");
      bump();
    }

    private void bump() {
      deployment = deployment.withAt(view().meta().generation() + 1, "metadata", "generation");
    }

    List<ObservedSet> observed() {
      List<ObservedSet> observed = new ArrayList<>();
      sets.forEach(
          (name, set) -> {
            long active = pods.getOrDefault(name, 0);
            long up = ready.getOrDefault(name, 0);
            observed.add(
                new ObservedSet(
                    new ReplicaSetView(set),
                    new PodCount(active, active, up, up, Optional.empty())));
          });
      return observed;
    }

    DeploymentPlan plan() {
      return DeploymentPlan.plan(view(), observed(), 0, now);
    }

    /** Carries one plan out; returns whether there was anything to do but status. */
    boolean step() {
      DeploymentPlan plan = plan();
      plan.create()
          .ifPresent(
              set -> {
                Obj made =
                    set.change(
                        "metadata",
                        metadata ->
                            metadata
                                .with("uid", "s" + sets.size())
                                .with("creationTimestamp", Meta.Times.format(now)));
                sets.put(Meta.of(set).name(), made);
              });
      for (DeploymentPlan.SetChange change : plan.changes()) {
        Obj set = change.set().tree().withAt(change.replicas(), "spec", "replicas");
        for (Map.Entry<String, String> each : change.annotations().entrySet()) {
          set = set.withAt(each.getValue(), "metadata", "annotations", each.getKey());
        }
        sets.put(change.set().meta().name(), set);
      }
      plan.delete().forEach(key -> sets.remove(key.name()));
      if (!plan.revision().isEmpty()) {
        deployment =
            deployment.withAt(plan.revision(), "metadata", "annotations", Annotations.REVISION);
      }
      deployment = deployment.with("status", plan.status().tree());
      now = now.plusSeconds(1);
      return !plan.isEmpty();
    }

    /** One pod of some set comes, gets ready or goes, as a replica set would have it. */
    void podStep(Random random) {
      List<Runnable> moves = new ArrayList<>();
      sets.forEach(
          (name, set) -> {
            long wanted = new ReplicaSetView(set).replicas();
            int has = pods.getOrDefault(name, 0);
            int up = ready.getOrDefault(name, 0);
            if (has < wanted) {
              moves.add(() -> pods.merge(name, 1, Integer::sum));
            } else if (has > wanted) {
              moves.add(
                  () -> {
                    pods.put(name, has - 1);
                    ready.put(name, up == has ? up - 1 : up); // pods that are not ready go first
                  });
            }
            if (up < has) {
              moves.add(() -> ready.put(name, up + 1));
            }
          });
      if (!moves.isEmpty()) {
        moves.get(random.nextInt(moves.size())).run();
      }
    }

    /** Every set deletes the pods that it has too many. */
    void removeSurplus() {
      sets.forEach(
          (name, set) -> {
            int wanted = (int) new ReplicaSetView(set).replicas();
            pods.computeIfPresent(name, (_, has) -> Math.min(has, wanted));
            ready.computeIfPresent(name, (_, up) -> Math.min(up, wanted));
          });
    }

    long asked() {
      return sets.values().stream().mapToLong(set -> new ReplicaSetView(set).replicas()).sum();
    }

    long present() {
      return pods.values().stream().mapToLong(Integer::longValue).sum();
    }

    long available() {
      return ready.values().stream().mapToLong(Integer::longValue).sum();
    }

    void settle(Random random) {
      for (int i = 0; i < 2000; i++) {
        boolean acted = step();
        podStep(random);
        if (!acted && plan().status().complete()) {
          return;
        }
      }
      throw new AssertionError("did not settle: " + sets + pods + ready);
    }
  }

  @Test
  void beginsWithOneSetThatCarriesTheTemplate() {
    World world = new World(3, "{}");
    DeploymentPlan plan = world.plan();
    Obj set = plan.create().orElseThrow();
    assertThat(Meta.of(set).name()).startsWith("web-");
    assertThat(new ReplicaSetView(set).replicas()).isEqualTo(3);
    assertThat(Meta.of(set).annotations())
        .containsEntry(Annotations.REVISION, "1")
        .containsEntry(Annotations.DESIRED_REPLICAS, "3")
        .containsEntry(Annotations.MAX_REPLICAS, "4")
        .containsEntry("note", "x");
    assertThat(Meta.of(set).labels()).containsKey("pod-template-hash");
    assertThat(set.at("spec", "selector", "matchLabels").has("pod-template-hash")).isTrue();
    assertThat(plan.revision()).isEqualTo("1");
    assertThat(condition(plan, "Progressing").reason()).isEqualTo("NewReplicaSetCreated");
    assertThat(condition(plan, "Available").status()).isEqualTo("False");
  }

  private static Condition condition(DeploymentPlan plan, String type) {
    return Condition.find(Obj.of("status", plan.status().tree()), type).orElseThrow();
  }

  @Test
  void saysThatItIsDoneWhenAllPodsAreAvailable() {
    World world = new World(3, "{}");
    world.settle(new Random(1));
    Obj status = world.plan().status().tree();
    assertThat(status.number("replicas", 0)).isEqualTo(3);
    assertThat(status.number("updatedReplicas", 0)).isEqualTo(3);
    assertThat(status.number("readyReplicas", 0)).isEqualTo(3);
    assertThat(status.number("availableReplicas", 0)).isEqualTo(3);
    assertThat(status.has("unavailableReplicas")).isFalse();
    assertThat(condition(world.plan(), "Progressing").reason()).isEqualTo("NewReplicaSetAvailable");
    assertThat(condition(world.plan(), "Available").isTrue()).isTrue();
  }

  /** What a rolling update promises holds at every step, whatever order pods move in. */
  @ParameterizedTest
  @CsvSource({
    "10, 25%, 25%",
    "10, 1, 0",
    "10, 0, 1",
    "3, 25%, 25%",
    "1, 1, 0",
    "1, 0, 1",
    "5, 100%, 0",
    "7, 0, 50%",
    "4, 3, 3",
  })
  void keepsTheBoundsOfARollingUpdate(long replicas, String surge, String unavailable) {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      World world =
          new World(
              replicas,
              "{\"rollingUpdate\": {\"maxSurge\": %s, \"maxUnavailable\": %s}}"
                  .formatted(json(surge), json(unavailable)));
      world.settle(random);
      world.image("v2");
      long most = replicas + world.view().maxSurge();
      long least = replicas - world.view().maxUnavailable();
      int steps = 0;
      for (boolean acted = true; acted || !world.plan().status().complete(); steps++) {
        acted = world.step();
        assertThat(world.asked()).as("asked, seed %d", seed).isLessThanOrEqualTo(most);
        int moves = random.nextInt(4);
        for (int i = 0; i < moves; i++) {
          world.podStep(random);
          assertThat(world.present()).as("present, seed %d", seed).isLessThanOrEqualTo(most);
          assertThat(world.available())
              .as("available, seed %d", seed)
              .isGreaterThanOrEqualTo(least);
        }
        assertThat(steps).as("steps, seed %d", seed).isLessThan(1000);
      }
      assertThat(world.asked()).isEqualTo(replicas);
      assertThat(world.plan().isEmpty()).as("second plan, seed %d", seed).isTrue();
      assertThat(Annotations.revision(world.view().meta())).isEqualTo(2);
    }
  }

  private static String json(String bound) {
    return bound.endsWith("%") ? "\"" + bound + "\"" : bound;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void recreatesOnlyAfterTheLastOldPodIsGone(long seed) {
    Random random = new Random(seed);
    World world = new World(4, "{\"type\": \"Recreate\"}");
    world.settle(random);
    String old = world.sets.keySet().iterator().next();
    world.image("v2");
    while (world.step() || !world.plan().status().complete()) {
      world.podStep(random);
      long newPods =
          world.pods.entrySet().stream()
              .filter(each -> !each.getKey().equals(old))
              .mapToLong(Map.Entry::getValue)
              .sum();
      assertThat(newPods == 0 || world.pods.getOrDefault(old, 0) == 0).as("seed %d", seed).isTrue();
    }
    assertThat(world.sets).hasSize(2);
  }

  @Test
  void takesUpAnOldSetWhenItIsRolledBack() {
    World world = new World(2, "{}");
    world.settle(new Random(1));
    String first = world.sets.keySet().iterator().next();
    world.image("v2");
    world.settle(new Random(2));
    world.image("v1");
    world.settle(new Random(3));
    assertThat(world.sets).hasSize(2);
    ReplicaSetView set = new ReplicaSetView(world.sets.getOrDefault(first, Obj.EMPTY));
    Meta back = set.meta();
    assertThat(set.replicas()).isEqualTo(2);
    assertThat(back.annotations())
        .containsEntry(Annotations.REVISION, "3")
        .containsEntry(Annotations.REVISION_HISTORY, "1");
    assertThat(Annotations.revision(world.view().meta())).isEqualTo(3);
  }

  @Test
  void sharesAScalingBetweenTheSetsOfAnUnfinishedRollout() {
    World world = new World(10, "{\"rollingUpdate\": {\"maxSurge\": 3, \"maxUnavailable\": 2}}");
    world.settle(new Random(1));
    world.image("bad");
    for (int i = 0; i < 20; i++) {
      world.step(); // the new pods never get ready
      world.removeSurplus();
    }
    assertThat(sizes(world)).containsExactly(8L, 5L);
    world.replicas(15);
    world.step();
    // As Kubernetes' own example has it: the 5 more and the surge go to both in proportion.
    assertThat(sizes(world)).containsExactly(11L, 7L);
    assertThat(world.plan().changes()).isEmpty();
  }

  private static List<Long> sizes(World world) {
    return world.sets.values().stream().map(set -> new ReplicaSetView(set).replicas()).toList();
  }

  @Test
  void doesNothingButScaleWhilePaused() {
    World world = new World(2, "{}");
    world.settle(new Random(1));
    world.deployment = world.deployment.withAt(true, "spec", "paused");
    world.image("v2");
    DeploymentPlan plan = world.plan();
    assertThat(plan.isEmpty()).isTrue();
    assertThat(condition(plan, "Progressing").reason()).isEqualTo("DeploymentPaused");
    world.replicas(5);
    world.step();
    assertThat(sizes(world)).containsExactly(5L);
    world.deployment = world.deployment.withAt(false, "spec", "paused");
    world.settle(new Random(2));
    assertThat(sizes(world)).containsExactly(0L, 5L);
  }

  @Test
  void reportsARolloutThatDoesNotGetOn() {
    World world = new World(2, "{}");
    world.deployment = world.deployment.withAt(10, "spec", "progressDeadlineSeconds");
    world.step();
    world.step();
    assertThat(world.plan().status().recheck()).isPresent();
    world.now = START.plusSeconds(60);
    DeploymentPlan plan = world.plan();
    assertThat(condition(plan, "Progressing").reason()).isEqualTo("ProgressDeadlineExceeded");
    assertThat(condition(plan, "Progressing").status()).isEqualTo("False");
    assertThat(plan.status().recheck()).isEmpty();
  }

  @Test
  void findsASetThatWasMadeBeforeItsStatusWasWritten() {
    World world = new World(2, "{}");
    world.step();
    world.deployment = world.deployment.without("status");
    DeploymentPlan plan = world.plan();
    assertThat(condition(plan, "Progressing").reason()).isEqualTo("FoundNewReplicaSet");
    assertThat(condition(plan, "Progressing").message())
        .isEqualTo("Found new replica set \"" + world.sets.keySet().iterator().next() + "\"");
  }

  @Test
  void saysNothingOfProgressWithoutADeadline() {
    World world = new World(2, "{}");
    world.step();
    assertThat(types(world.plan())).contains("Progressing");
    world.deployment =
        world.deployment.withAt(Integer.MAX_VALUE, "spec", "progressDeadlineSeconds");
    assertThat(types(world.plan())).containsExactly("Available");
    world.deployment = world.deployment.withAt(true, "spec", "paused");
    assertThat(types(world.plan())).containsExactly("Available");
  }

  private static List<String> types(DeploymentPlan plan) {
    return plan.status().tree().objs("conditions").stream()
        .map(each -> each.string("type"))
        .toList();
  }

  @Test
  void carriesTheFailureOfItsSetUntilThatIsOver() {
    World world = new World(2, "{}");
    world.step();
    String name = world.sets.keySet().iterator().next();
    Condition failure =
        Condition.of("ReplicaFailure", Condition.TRUE, "FailedCreate", "exceeded quota", world.now);
    world.sets.computeIfPresent(
        name, (_, set) -> set.withAt(List.of(failure.tree()), "status", "conditions"));
    world.step();
    assertThat(condition(world.plan(), "ReplicaFailure").reason()).isEqualTo("FailedCreate");
    assertThat(condition(world.plan(), "ReplicaFailure").message()).isEqualTo("exceeded quota");
    world.sets.computeIfPresent(name, (_, set) -> set.without("status"));
    assertThat(types(world.plan())).doesNotContain("ReplicaFailure");
  }

  @Test
  void saysThatItsSetCouldNotBeMade() {
    World world = new World(2, "{}");
    Obj status = DeploymentStatus.notMade(world.view(), "Failed to create it: no", world.now);
    Condition progress =
        Condition.find(Obj.of("status", status), DeploymentStatus.PROGRESSING).orElseThrow();
    assertThat(progress.status()).isEqualTo(Condition.FALSE);
    assertThat(progress.reason()).isEqualTo("ReplicaSetCreateError");
    assertThat(progress.message()).isEqualTo("Failed to create it: no");
  }

  @Test
  void keepsAsManyOldSetsAsTheHistoryAllows() {
    World world = new World(1, "{}");
    world.deployment = world.deployment.withAt(2, "spec", "revisionHistoryLimit");
    for (int i = 1; i <= 6; i++) {
      world.image("v" + i);
      world.settle(new Random(i));
    }
    world.step();
    assertThat(world.sets).hasSize(3);
  }
}
