package dev.wherry.master.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import dev.wherry.master.controllers.workload.Revisions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatefulSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

  /** A set in a little world: its pods and claims by name, and its history. */
  private static final class World {
    Obj set;
    final TreeMap<String, Obj> pods = new TreeMap<>();
    final TreeMap<ObjectKey, Obj> claims = new TreeMap<>();
    final List<Obj> history = new ArrayList<>();

    World(String spec) {
      set =
          Json.read(
              """
              {"apiVersion": "apps/v1", "kind": "StatefulSet",
               "metadata": {"namespace": "n", "name": "web", "uid": "s1", "generation": 1},
               "spec": {"serviceName": "web", "selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}},
                 "spec": {"containers": [{"name": "c", "image": "one"}]}}}}
              """);
      change(spec);
    }

    void change(String spec) {
      for (Obj.Entry each : Json.read(spec.replace('\'', '"'))) {
        set = set.withAt(each.value(), "spec", each.key());
      }
    }

    void image(String image) {
      set =
          set.withAt(
              List.of(Obj.of("name", "c", "image", image)),
              "spec",
              "template",
              "spec",
              "containers");
    }

    Revisions revisions() {
      Revisions revisions = Revisions.plan(set, history, Revisions.STATEFUL_SET_HASH_LABEL, 0);
      revisions
          .write()
          .ifPresent(
              each -> {
                history.removeIf(old -> Revisions.name(old).equals(Revisions.name(each)));
                history.add(each.withAt("uid-" + Revisions.name(each), "metadata", "uid"));
              });
      return Revisions.plan(set, history, Revisions.STATEFUL_SET_HASH_LABEL, 0);
    }

    StatefulSetPlan plan() {
      return StatefulSetPlan.plan(
          new StatefulSetView(set),
          List.copyOf(pods.values()),
          key -> Optional.ofNullable(claims.get(key)),
          revisions(),
          NOW);
    }

    /** One step of the controller; deleted pods are gone at once. */
    StatefulSetPlan step() {
      StatefulSetPlan plan = plan();
      carryOut(plan);
      set =
          set.with(
              "status",
              StatefulSetStatus.of(
                      new StatefulSetView(set), List.copyOf(pods.values()), revisions(), NOW)
                  .tree());
      return plan;
    }

    void carryOut(StatefulSetPlan plan) {
      plan.claims().forEach(each -> claims.put(ObjectKey.of(each), each));
      plan.owned().forEach(each -> claims.put(ObjectKey.of(each), each));
      plan.update().forEach(each -> pods.put(Meta.of(each).name(), each));
      for (Obj each : plan.create()) {
        assertThat(pods).doesNotContainKey(Meta.of(each).name());
        pods.put(
            Meta.of(each).name(),
            each.withAt("u-" + pods.size(), "metadata", "uid")
                .withAt("Pending", "status", "phase"));
      }
      plan.delete().forEach(each -> pods.remove(Meta.of(each).name()));
    }

    void ready(String name) {
      pods.computeIfPresent(
          name,
          (_, pod) ->
              pod.with(
                  "status",
                  Json.read(
                      """
                      {"phase": "Running", "conditions": [{"type": "Ready", "status": "True",
                       "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
                      """)));
    }

    void readyAll() {
      List.copyOf(pods.keySet()).forEach(this::ready);
    }

    /** Steps and makes pods ready until nothing is left to do; what each step made and deleted. */
    List<String> settle() {
      List<String> done = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        StatefulSetPlan plan = step();
        if (plan.isEmpty()) {
          return done;
        }
        plan.create().forEach(each -> done.add("+" + Meta.of(each).name()));
        plan.delete().forEach(each -> done.add("-" + Meta.of(each).name()));
        readyAll();
      }
      throw new AssertionError("it never settles: " + done);
    }

    String image(String pod, int container) {
      return new PodView(pods.getOrDefault(pod, Obj.EMPTY)).containers().get(container).image();
    }
  }

  @Test
  void makesOnePodAfterAnotherWithNamesAndClaimsThatStay() {
    World world =
        new World(
            "{'replicas':2,'ordinals':{'start':5},"
                + "'volumeClaimTemplates':[{'metadata':{'name':'data'},'spec':{'x':1}}]}");
    StatefulSetPlan first = world.step();
    assertThat(first.create()).hasSize(1);
    Obj pod = first.create().getFirst();
    assertThat(Meta.of(pod).name()).isEqualTo("web-5");
    assertThat(Meta.of(pod).labels())
        .containsEntry("statefulset.kubernetes.io/pod-name", "web-5")
        .containsEntry("apps.kubernetes.io/pod-index", "5")
        .containsKey("controller-revision-hash");
    assertThat(new PodView(pod).hostname()).isEqualTo("web-5");
    assertThat(new PodView(pod).subdomain()).isEqualTo("web");
    assertThat(pod.obj("spec").objs("volumes").getFirst().obj("persistentVolumeClaim"))
        .isEqualTo(Obj.of("claimName", "data-web-5"));
    assertThat(world.claims.keySet()).containsExactly(new ObjectKey("n", "data-web-5"));
    assertThat(world.step().isEmpty()).as("web-5 is not ready").isTrue();
    world.ready("web-5");
    assertThat(world.settle()).containsExactly("+web-6");
    world.change("{'replicas':0}");
    assertThat(world.settle()).containsExactly("-web-6", "-web-5");
    assertThat(world.claims).as("claims are kept").hasSize(2);
  }

  @Test
  void rollsOutFromTheLastPodDownToThePartition() {
    World world = new World("{'replicas':3}");
    assertThat(world.settle()).containsExactly("+web-0", "+web-1", "+web-2");
    world.image("two");
    world.change("{'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':1}}}");
    assertThat(world.settle()).containsExactly("-web-2", "+web-2", "-web-1", "+web-1");
    world.pods.remove("web-0");
    assertThat(world.settle()).containsExactly("+web-0");
    assertThat(world.image("web-0", 0)).as("held by the partition").isEqualTo("one");
    world.change("{'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':0}}}");
    assertThat(world.settle()).containsExactly("-web-0", "+web-0");
    Obj status = world.set.obj("status");
    assertThat(status.string("currentRevision")).isEqualTo(status.string("updateRevision"));
    assertThat(status.number("updatedReplicas", 0)).isEqualTo(3);
  }

  @Test
  void replacesOnlyWhatSomebodyDeletesWhenAskedSo() {
    World world = new World("{'replicas':2,'updateStrategy':{'type':'OnDelete'}}");
    world.settle();
    world.image("two");
    assertThat(world.settle()).isEmpty();
    world.pods.remove("web-1");
    assertThat(world.settle()).containsExactly("+web-1");
    assertThat(world.image("web-1", 0)).isEqualTo("two");
    assertThat(world.image("web-0", 0)).isEqualTo("one");
  }

  @Test
  void recoversFromATemplateThatNeverBecomesReady() {
    World world = new World("{'replicas':2}");
    world.settle();
    world.image("broken");
    world.step();
    world.step();
    assertThat(world.image("web-1", 0)).isEqualTo("broken");
    assertThat(world.step().isEmpty()).as("it waits for web-1").isTrue();
    world.image("one");
    assertThat(world.settle()).containsExactly("-web-1", "+web-1");
    assertThat(world.image("web-1", 0)).isEqualTo("one");
    assertThat(world.history).as("the old revision is the newest again").hasSize(2);
    assertThat(Revisions.number(world.revisions().update())).isEqualTo(3);
  }

  @Test
  void makesAllAtOnceWhenParallel() {
    World world = new World("{'replicas':3,'podManagementPolicy':'Parallel'}");
    assertThat(world.step().create()).hasSize(3);
    world.readyAll();
    world.change("{'replicas':1}");
    assertThat(world.step().delete()).hasSize(2);
  }

  @Test
  void keepsToMaxUnavailableAndCountsThoseBelowThePartition() {
    World world =
        new World(
            "{'replicas':5,'podManagementPolicy':'Parallel','updateStrategy':"
                + "{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':2,'partition':1}}}");
    world.settle();
    world.image("two");
    assertThat(names(world.plan().delete())).containsExactly("web-4", "web-3");
    world.pods.computeIfPresent("web-0", (_, pod) -> pod.withAt("Pending", "status", "phase"));
    assertThat(names(world.plan().delete())).containsExactly("web-4");
    world.pods.computeIfPresent("web-2", (_, pod) -> pod.withAt("Pending", "status", "phase"));
    assertThat(names(world.plan().delete())).as("it is down anyway").containsExactly("web-2");
  }

  @Test
  void takesNoReadyPodAwayBeforeOthersAreAvailable() {
    World world = new World("{'replicas':3,'podManagementPolicy':'Parallel'}");
    world.settle();
    world.image("two");
    world.change("{'minReadySeconds':7200}");
    assertThat(world.plan().delete()).as("all are ready, none for long enough").isEmpty();
  }

  private static List<String> names(List<Obj> pods) {
    return pods.stream().map(each -> Meta.of(each).name()).toList();
  }

  @Test
  void replacesAPodThatFailed() {
    World world = new World("{'replicas':1}");
    world.settle();
    world.pods.computeIfPresent("web-0", (_, pod) -> pod.withAt("Failed", "status", "phase"));
    assertThat(world.settle()).containsExactly("-web-0", "+web-0");
  }

  @Test
  void givesClaimsToThoseWithWhomTheyGo() {
    World world =
        new World(
            "{'replicas':2,'podManagementPolicy':'Parallel',"
                + "'volumeClaimTemplates':[{'metadata':{'name':'data'}}],"
                + "'persistentVolumeClaimRetentionPolicy':"
                + "{'whenDeleted':'Delete','whenScaled':'Delete'}}");
    world.settle();
    Obj claim = world.claims.getOrDefault(new ObjectKey("n", "data-web-1"), Obj.EMPTY);
    assertThat(Meta.of(claim).ownerReferences().getFirst().kind()).isEqualTo("StatefulSet");
    world.change("{'replicas':1}");
    world.settle();
    claim = world.claims.getOrDefault(new ObjectKey("n", "data-web-1"), Obj.EMPTY);
    assertThat(Meta.of(claim).ownerReferences().getFirst().kind()).isEqualTo("Pod");
    world.change("{'replicas':2}");
    StatefulSetPlan waiting = world.plan();
    assertThat(waiting.isEmpty()).as("the claim goes first").isTrue();
    assertThat(waiting.waits()).isTrue();
    world.claims.remove(new ObjectKey("n", "data-web-1"));
    assertThat(world.settle()).containsExactly("+web-1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void asksForNothingMoreOnceThePlanIsCarriedOutAndAlwaysSettles(long seed) {
    Random random = new Random(seed);
    World world = new World("{'replicas':" + random.nextInt(5) + "}");
    if (random.nextBoolean()) {
      world.change("{'podManagementPolicy':'Parallel'}");
    }
    for (int i = 0; i < 30; i++) {
      switch (random.nextInt(5)) {
        case 0 -> world.image("image" + random.nextInt(3));
        case 1 -> world.change("{'replicas':" + random.nextInt(5) + "}");
        case 2 -> world.ready("web-" + random.nextInt(5));
        case 3 -> world.pods.remove("web-" + random.nextInt(5));
        default -> world.readyAll();
      }
      StatefulSetPlan plan = world.plan();
      for (Obj each : plan.delete()) {
        Obj going = each.withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp");
        world.pods.put(Meta.of(each).name(), going);
      }
      StatefulSetPlan others =
          new StatefulSetPlan(
              plan.claims(), plan.owned(), plan.create(), plan.update(), List.of(), false);
      world.carryOut(others);
      assertThat(world.plan().isEmpty()).as("seed %d step %d", seed, i).isTrue();
      plan.delete().forEach(each -> world.pods.remove(Meta.of(each).name()));
    }
    world.readyAll();
    world.settle();
    assertThat(world.pods).hasSize((int) new StatefulSetView(world.set).replicas());
  }
}
