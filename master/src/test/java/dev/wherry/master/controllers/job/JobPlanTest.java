package dev.wherry.master.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobPlanTest {
  @Test
  void runsToItsCompletionsAndCountsEachOnce() {
    JobWorld world = new JobWorld("{'completions':3,'parallelism':2}");
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
    JobWorld world = new JobWorld("{'completions':1,'backoffLimit':2}");
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
    JobWorld world = new JobWorld("{'completions':1}");
    world.settle();
    world.delete("p0");
    assertThat(world.pods).containsKey("p0");
    world.settle();
    assertThat(world.pods).doesNotContainKey("p0").containsKey("p1");
    assertThat(world.number("failed")).isEqualTo(1);
  }

  @Test
  void givesEachIndexItsPodAndGrowsElastically() {
    JobWorld world = new JobWorld("{'completions':2,'parallelism':2,'completionMode':'Indexed'}");
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
    JobWorld world =
        new JobWorld(
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

  @Test
  void suspendsUncountedAndResumes() {
    JobWorld world = new JobWorld("{'completions':1}");
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
    assertThat(world.view().startTime()).contains(JobWorld.START.plusSeconds(60));
  }

  @Test
  void failsWhenItsTimeIsOver() {
    JobWorld world = new JobWorld("{'completions':1,'activeDeadlineSeconds':30}");
    world.settle();
    assertThat(world.plan().recheck()).contains(Duration.ofSeconds(30));
    world.later(30);
    world.settle();
    assertThat(world.ended()).isEqualTo("Failed DeadlineExceeded");
    assertThat(world.active()).isEmpty();
    assertThat(world.number("failed")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void losesAndDoublesNoPodWhateverStopsInTheMiddle(long seed) {
    Random random = new Random(seed);
    JobWorld world = new JobWorld("{'completions':12,'parallelism':4,'backoffLimit':1000}");
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
