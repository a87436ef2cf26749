package dev.wherry.master.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobPlanTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** A job in a little world; pods that are deleted linger as long as they have a finalizer. */
  private static final class World {
    Obj job;
    Instant now = START;
    final TreeMap<String, Obj> pods = new TreeMap<>();
    int made;

    World(String spec) {
      job =
          Json.read(
              """
              {"apiVersion": "batch/v1", "kind": "Job",
               "metadata": {"namespace": "n", "name": "j", "uid": "j1"},
               "spec": {"selector": {"matchLabels": {"job": "j"}},
                "template": {"metadata": {"labels": {"job": "j"}},
                 "spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}}}
              """);
      change(spec);
    }

    void change(String spec) {
      for (Obj.Entry each : Json.read(spec.replace('\'', '"'))) {
        job = job.withAt(each.value(), "spec", each.key());
      }
    }

    JobView view() {
      return new JobView(job);
    }

    JobPlan plan() {
      return JobPlan.plan(view(), List.copyOf(pods.values()), now);
    }

    /** Carries the first {@code most} writes of a plan out, as a master that dies after them. */
    void step(int most) {
      JobPlan plan = plan();
      job = job.with("status", plan.status());
      List<Runnable> writes = new ArrayList<>();
      plan.release().forEach(each -> writes.add(() -> put(each)));
      for (List<Obj> doomed : List.of(plan.drop(), plan.kill())) {
        for (Obj each : doomed) {
          writes.add(() -> put(each));
          writes.add(() -> delete(Meta.of(each).name()));
        }
      }
      plan.create().forEach(each -> writes.add(() -> create(each)));
      writes.stream().limit(most).forEach(Runnable::run);
    }

    void step() {
      step(Integer.MAX_VALUE);
    }

    void create(Obj pod) {
      String name = "p" + made++;
      pods.put(
          name,
          pod.withAt(name, "metadata", "name")
              .withAt(name, "metadata", "uid")
              .withAt(Meta.Times.format(now), "metadata", "creationTimestamp"));
    }

    void put(Obj pod) {
      boolean over = Meta.of(pod).isTerminating() && Meta.of(pod).finalizers().isEmpty();
      if (over) {
        pods.remove(Meta.of(pod).name());
      } else {
        pods.replace(Meta.of(pod).name(), pod);
      }
    }

    void delete(String name) {
      Obj pod = pods.get(name);
      if (pod != null) {
        put(pod.withAt(Meta.Times.format(now), "metadata", "deletionTimestamp"));
      }
    }

    void end(String name, String phase, int code) {
      pods.computeIfPresent(
          name,
          (_, pod) ->
              new PodView(pod).isFinished()
                  ? pod
                  : pod.with(
                      "status",
                      Obj.of(
                          "phase",
                          phase,
                          "containerStatuses",
                          List.of(
                              Obj.of(
                                  "name",
                                  "c",
                                  "state",
                                  Obj.of(
                                      "terminated",
                                      Obj.of(
                                          "exitCode",
                                          code,
                                          "finishedAt",
                                          Meta.Times.format(now))))))));
    }

    void settle() {
      for (int i = 0; i < 20; i++) {
        if (plan().isEmpty(view())) {
          return;
        }
        step();
      }
      throw new AssertionError("it never settles: " + plan());
    }

    void later(long seconds) {
      now = now.plusSeconds(seconds);
    }

    List<String> active() {
      return pods.values().stream()
          .map(JobPod::of)
          .filter(JobPod::isActive)
          .map(each -> each.pod().meta().name())
          .toList();
    }

    long number(String key) {
      return view().status().number(key, 0);
    }

    String ended() {
      return view().finished().map(each -> each.type() + " " + each.reason()).orElse("");
    }
  }

  @Test
  void runsToItsCompletionsAndCountsEachOnce() {
    World world = new World("{'completions':3,'parallelism':2}");
    world.settle();
    assertThat(world.active()).containsExactly("p0", "p1");
    assertThat(world.number("active")).as("the status before they were made").isEqualTo(2);
    world.end("p0", "Succeeded", 0);
    world.settle();
    assertThat(world.number("succeeded")).isEqualTo(1);
    assertThat(Meta.of(world.pods.getOrDefault("p0", Obj.EMPTY)).finalizers()).isEmpty();
    assertThat(world.active()).containsExactly("p1", "p2");
    world.end("p1", "Succeeded", 0);
    world.end("p2", "Succeeded", 0);
    world.settle();
    assertThat(world.number("succeeded")).isEqualTo(3);
    assertThat(world.ended()).isEqualTo("Complete CompletionsReached");
    assertThat(world.view().completionTime()).isPresent();
  }

  @Test
  void waitsLongerAfterEachFailureAndGivesUp() {
    World world = new World("{'completions':1,'backoffLimit':2}");
    world.settle();
    for (int failures = 1; failures <= 3; failures++) {
      world.end("p" + (failures - 1), "Failed", 1);
      world.settle();
      assertThat(world.number("failed")).isEqualTo(failures);
      assertThat(world.active()).isEmpty();
      if (failures <= 2) {
        assertThat(world.plan().recheck()).contains(Duration.ofSeconds(10L * failures));
        world.later(10L * failures);
        world.settle();
      }
    }
    assertThat(world.ended()).isEqualTo("Failed BackoffLimitExceeded");
  }

  @Test
  void countsAPodThatSomebodyDeletedAndLetsItGo() {
    World world = new World("{'completions':1}");
    world.settle();
    world.delete("p0");
    assertThat(world.pods).containsKey("p0");
    world.settle();
    assertThat(world.pods).doesNotContainKey("p0").containsKey("p1");
    assertThat(world.number("failed")).isEqualTo(1);
  }

  @Test
  void givesEachIndexItsPodAndGrowsElastically() {
    World world = new World("{'completions':2,'parallelism':2,'completionMode':'Indexed'}");
    world.settle();
    assertThat(world.pods.values().stream().map(each -> JobPod.of(each).index()))
        .containsExactly(0, 1);
    Obj pod = world.pods.getOrDefault("p1", Obj.EMPTY);
    assertThat(new PodView(pod).hostname()).isEqualTo("j-1");
    assertThat(pod.obj("spec").objs("containers").getFirst().objs("env")).hasSize(1);
    world.end("p1", "Succeeded", 0);
    world.change("{'completions':4,'parallelism':4}");
    world.settle();
    assertThat(world.view().status().string("completedIndexes")).isEqualTo("1");
    assertThat(world.active()).containsExactly("p0", "p2", "p3");
    world.change("{'completions':2,'parallelism':2}");
    world.settle();
    assertThat(world.active()).containsExactly("p0");
    world.end("p0", "Succeeded", 0);
    world.settle();
    assertThat(world.view().status().string("completedIndexes")).isEqualTo("0,1");
    assertThat(world.ended()).startsWith("Complete");
  }

  @Test
  void failsIndexesOneByOne() {
    World world =
        new World(
            "{'completions':2,'parallelism':2,'completionMode':'Indexed',"
                + "'backoffLimitPerIndex':1}");
    world.settle();
    world.end("p0", "Failed", 1);
    world.end("p1", "Succeeded", 0);
    world.settle();
    assertThat(world.active()).isEmpty();
    world.later(10);
    world.settle();
    assertThat(world.active()).containsExactly("p2");
    world.end("p2", "Failed", 1);
    world.settle();
    assertThat(world.view().status().string("failedIndexes")).isEqualTo("0");
    assertThat(world.ended()).isEqualTo("Failed FailedIndexes");
    assertThat(world.number("succeeded")).isEqualTo(1);
    assertThat(world.number("failed")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "FailJob,Failed PodFailurePolicy,1",
    "Ignore,'',0",
    "Count,Failed BackoffLimitExceeded,1"
  })
  void doesWithAnExitCodeWhatThePolicySays(String action, String ended, long failed) {
    World world =
        new World(
            "{'completions':1,'backoffLimit':0,'podFailurePolicy':{'rules':[{'action':'"
                + action
                + "','onExitCodes':{'operator':'In','values':[42]}}]}}");
    world.settle();
    world.end("p0", "Failed", 42);
    world.settle();
    assertThat(world.ended()).isEqualTo(ended);
    assertThat(world.number("failed")).isEqualTo(failed);
  }

  @Test
  void succeedsByItsPolicyAndEndsTheRest() {
    World world =
        new World(
            "{'completions':3,'parallelism':3,'completionMode':'Indexed',"
                + "'successPolicy':{'rules':[{'succeededIndexes':'0'}]}}");
    world.settle();
    world.end("p0", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo("Complete SuccessPolicy");
    assertThat(world.active()).isEmpty();
    assertThat(world.number("failed")).isZero();
  }

  @Test
  void suspendsUncountedAndResumes() {
    World world = new World("{'completions':1}");
    world.settle();
    world.change("{'suspend':true}");
    world.settle();
    assertThat(world.active()).isEmpty();
    assertThat(world.view().has("Suspended")).isTrue();
    world.later(60);
    world.change("{'suspend':false}");
    world.settle();
    assertThat(world.active()).hasSize(1);
    assertThat(world.number("failed")).isZero();
    assertThat(world.view().startTime()).contains(START.plusSeconds(60));
  }

  @Test
  void failsWhenItsTimeIsOver() {
    World world = new World("{'completions':1,'activeDeadlineSeconds':30}");
    world.settle();
    assertThat(world.plan().recheck()).contains(Duration.ofSeconds(30));
    world.later(30);
    world.settle();
    assertThat(world.ended()).isEqualTo("Failed DeadlineExceeded");
    assertThat(world.active()).isEmpty();
    assertThat(world.number("failed")).isEqualTo(1);
  }

  @Test
  void replacesOnlyWhatHasFailedWhenAskedSo() {
    World world = new World("{'completions':1,'podReplacementPolicy':'Failed'}");
    world.settle();
    world.pods.computeIfPresent(
        "p0", (_, pod) -> pod.withAt(30L, "metadata", "deletionGracePeriodSeconds"));
    world.delete("p0");
    world.settle();
    assertThat(world.active()).isEmpty();
    assertThat(world.number("terminating")).isEqualTo(1);
    world.end("p0", "Failed", 1);
    world.settle();
    world.later(10);
    world.settle();
    assertThat(world.active()).containsExactly("p1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void losesAndDoublesNoPodWhateverStopsInTheMiddle(long seed) {
    Random random = new Random(seed);
    World world = new World("{'completions':12,'parallelism':4,'backoffLimit':1000}");
    int succeeded = 0;
    int failed = 0;
    while (world.view().finished().isEmpty()) {
      world.step(random.nextInt(6));
      world.later(700);
      for (String name : world.active()) {
        switch (random.nextInt(6)) {
          case 0 -> {
            world.end(name, "Succeeded", 0);
            succeeded++;
          }
          case 1 -> {
            world.end(name, "Failed", 1);
            failed++;
          }
          case 2 -> {
            world.delete(name);
            failed++;
          }
          default -> {}
        }
      }
      assertThat(world.number("succeeded")).as("seed %d", seed).isLessThanOrEqualTo(succeeded);
      assertThat(world.number("failed")).as("seed %d", seed).isLessThanOrEqualTo(failed);
    }
    assertThat(world.number("succeeded")).as("seed %d", seed).isEqualTo(succeeded);
    assertThat(world.number("failed")).as("seed %d", seed).isEqualTo(failed);
    assertThat(succeeded).isGreaterThanOrEqualTo(12);
    assertThat(world.pods.values()).allMatch(each -> !JobPod.of(each).isTracked());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''          | 0
          1,3-5,7     | 5
          0,1         | 2
          0-9         | 10
          """)
  void writesIndexesAsKubernetesDoes(String text, int size) {
    assertThat(IndexSet.parse(text).size()).isEqualTo(size);
    assertThat(IndexSet.parse(text)).hasToString(text);
  }
}
