package dev.wherry.master.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DaemonSetView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

  private static DaemonSetView set(String strategy, String podSpec) {
    return new DaemonSetView(
        Json.read(
            """
            {"apiVersion": "apps/v1", "kind": "DaemonSet",
             "metadata": {"namespace": "n", "name": "d", "uid": "d1"},
             "spec": {"selector": {"matchLabels": {"app": "d"}}, "updateStrategy": %s,
              "template": {"metadata": {"labels": {"app": "d"}}, "spec": %s}}}
            """
                .formatted(strategy, podSpec)
                .replace('\'', '"')));
  }

  private static NodeView node(String name, String spec) {
    return new NodeView(
        Json.read(
            "{'metadata':{'name':'%s','labels':{'disk':'%s'}},'spec':%s}"
                .formatted(name, name.equals("a") ? "ssd" : "hdd", spec)
                .replace('\'', '"')));
  }

  private static List<NodeView> nodes(String... names) {
    List<NodeView> nodes = new ArrayList<>();
    for (String each : names) {
      nodes.add(node(each, "{}"));
    }
    return nodes;
  }

  private static String taint(String key, String effect) {
    return "{'taints':[{'key':'%s','effect':'%s'}]}".formatted(key, effect);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'taints':[{'key':'node.kubernetes.io/not-ready','effect':'NoExecute'}]} | {} | RUNS
          {'unschedulable':true}                                                  | {} | RUNS
          {'taints':[{'key':'mine','effect':'NoSchedule'}]}                       | {} | KEEPS
          {'taints':[{'key':'mine','effect':'NoExecute'}]}                        | {} | REFUSES
          {'taints':[{'key':'mine','effect':'NoExecute'}]} | {'tolerations':[{'operator':'Exists'}]} | RUNS
          {} | {'nodeSelector':{'disk':'ssd'}}                                       | RUNS
          {} | {'nodeSelector':{'disk':'none'}}                                      | REFUSES
          {} | {'nodeName':'b'}                                                      | REFUSES
          """)
  void fitsAsKubernetesSays(String nodeSpec, String podSpec, DaemonPod.Fit fit) {
    assertThat(DaemonPod.fit(set("{}", podSpec), node("a", nodeSpec))).isEqualTo(fit);
  }

  @Test
  void meansAPodForItsNodeByAffinity() {
    Obj pod = DaemonPod.of(set("{}", "{}"), "a", "h1");
    assertThat(DaemonPod.nodeOf(new PodView(pod))).isEqualTo("a");
    assertThat(new PodView(pod).tolerations()).hasSize(6);
    assertThat(Meta.of(pod).labels()).containsEntry("controller-revision-hash", "h1");
  }

  /** A set in a little world. */
  private static final class World {
    final DaemonSetView set;
    final List<NodeView> nodes;
    final TreeMap<String, Obj> pods = new TreeMap<>();
    String hash = "h1";
    int made;

    World(DaemonSetView set, List<NodeView> nodes) {
      this.set = set;
      this.nodes = nodes;
    }

    DaemonSetPlan plan() {
      return DaemonSetPlan.plan(set, nodes, List.copyOf(pods.values()), hash, NOW);
    }

    void create(DaemonSetPlan plan) {
      for (NodeName node : plan.create()) {
        String name = "d-" + made++;
        pods.put(
            name,
            DaemonPod.of(set, node.text(), hash)
                .withAt(name, "metadata", "name")
                .withAt(name, "metadata", "uid"));
      }
    }

    void step() {
      DaemonSetPlan plan = plan();
      create(plan);
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

    long ready() {
      return pods.values().stream()
          .map(PodView::new)
          .filter(pod -> pod.isReady() && !pod.isTerminating())
          .count();
    }
  }

  @Test
  void hasOnePodOnEachNodeThatFits() {
    World world = new World(set("{}", "{}"), nodes("a", "b"));
    world.nodes.add(node("c", taint("mine", "NoSchedule")));
    world.step();
    assertThat(world.pods).hasSize(2);
    assertThat(world.plan().isEmpty()).isTrue();
    world.nodes.removeFirst();
    world.nodes.addFirst(node("a", taint("mine", "NoExecute")));
    assertThat(world.plan().delete()).hasSize(1);
  }

  @Test
  void updatesOneAfterAnotherAndTheUnavailableAtOnce() {
    World world = new World(set("{}", "{}"), nodes("a", "b", "c", "d"));
    world.step();
    world.hash = "h2";
    assertThat(world.plan().delete()).as("none of them is ready").hasSize(4);
    world.readyAll();
    assertThat(world.plan().delete()).hasSize(1);
    world.step();
    assertThat(world.plan().delete()).as("one is missing").isEmpty();
    world.step();
    world.readyAll();
    assertThat(world.plan().delete()).hasSize(1);
  }

  @Test
  void leavesUpdatesToWhoeverDeletesWhenAskedSo() {
    World world = new World(set("{'type':'OnDelete'}", "{}"), nodes("a", "b"));
    world.step();
    world.hash = "h2";
    assertThat(world.plan().isEmpty()).isTrue();
  }

  @Test
  void surgesBesideAndThenRemovesTheOld() {
    String surging = "{'rollingUpdate':{'maxSurge':1,'maxUnavailable':0}}";
    World world = new World(set(surging, "{}"), nodes("a", "b"));
    world.step();
    world.readyAll();
    world.hash = "h2";
    DaemonSetPlan plan = world.plan();
    assertThat(plan.create()).hasSize(1);
    assertThat(plan.delete()).isEmpty();
    world.step();
    assertThat(world.plan().isEmpty()).isTrue();
    world.readyAll();
    assertThat(world.plan().delete()).hasSize(1);
    world.step();
    world.step();
    world.readyAll();
    world.step();
    assertThat(world.pods).hasSize(2);
    assertThat(world.plan().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void neverGoesBelowItsBoundAndSettles(long seed) {
    Random random = new Random(seed);
    boolean surging = random.nextBoolean();
    int bound = 1 + random.nextInt(2);
    String strategy =
        surging
            ? "{'rollingUpdate':{'maxSurge':%d,'maxUnavailable':0}}".formatted(bound)
            : "{'rollingUpdate':{'maxUnavailable':%d}}".formatted(bound);
    World world = new World(set(strategy, "{}"), nodes("a", "b", "c", "d", "e"));
    world.step();
    world.readyAll();
    for (int i = 0; i < 20; i++) {
      world.hash = random.nextInt(4) == 0 ? "h" + random.nextInt(3) : world.hash;
      DaemonSetPlan plan = world.plan();
      world.create(plan);
      for (Obj each : plan.delete()) {
        world.pods.put(
            Meta.of(each).name(),
            each.withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"));
      }
      assertThat(world.plan().isEmpty()).as("seed %d step %d", seed, i).isTrue();
      assertThat(world.ready())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(5 - (surging ? 0 : bound));
      plan.delete().forEach(each -> world.pods.remove(Meta.of(each).name()));
      if (random.nextBoolean()) {
        world.readyAll();
      }
    }
    for (int i = 0; i < 40; i++) {
      world.step();
      world.readyAll();
    }
    assertThat(world.plan().isEmpty()).as("seed %d", seed).isTrue();
    assertThat(world.pods).hasSize(5);
  }
}
