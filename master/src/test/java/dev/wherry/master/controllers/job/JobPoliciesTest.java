package dev.wherry.master.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The policies by which a job fails, succeeds and replaces its pods. */
class JobPoliciesTest {
  private static final String INDEXED =
      "'completionMode':'Indexed','completions':3,'parallelism':3";

  /** Of two pods the first fails with the exit code that the policy names. */
  @ParameterizedTest
  @CsvSource({
    "FailJob, Failed PodFailurePolicy,     2, ''",
    "Ignore,  '',                          0, 'p1,p2'",
    "Count,   Failed BackoffLimitExceeded, 2, ''"
  })
  void doesWithAnExitCodeWhatThePolicySays(
      String action, String ended, long failed, String active) {
    JobWorld world =
        new JobWorld("{'completions':2,'parallelism':2,'backoffLimit':0," + on(action));
    world.settle();
    world.end("p0", "Failed", 42);
    world.settle();
    world.later(10);
    world.settle();
    assertThat(world.ended()).isEqualTo(ended);
    assertThat(world.number("failed")).isEqualTo(failed);
    assertThat(world.active()).isEqualTo(names(active));
  }

  private static String on(String action) {
    return "'podFailurePolicy':{'rules':[{'action':'"
        + action
        + "','onExitCodes':{'operator':'In','values':[42]}}]}}";
  }

  private static List<String> names(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(",", -1));
  }

  @Test
  void failsAnIndexAtOnceWhereThePolicySaysSoAndLetsTheOthersRun() {
    JobWorld world = new JobWorld("{" + INDEXED + ",'backoffLimitPerIndex':5," + on("FailIndex"));
    world.settle();
    world.end("p0", "Failed", 42);
    world.end("p1", "Failed", 1);
    world.settle();
    world.later(10);
    world.settle();
    assertThat(world.view().status().string("failedIndexes")).isEqualTo("0");
    assertThat(world.active()).as("index 1 is tried again").containsExactly("p2", "p3");
    world.end("p2", "Succeeded", 0);
    world.end("p3", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo("Failed FailedIndexes");
    assertThat(world.view().status().string("completedIndexes")).isEqualTo("1,2");
  }

  @Test
  void failsOnceTooManyIndexesHaveFailed() {
    JobWorld world =
        new JobWorld("{" + INDEXED + ",'backoffLimitPerIndex':0,'maxFailedIndexes':1}");
    world.settle();
    world.end("p0", "Failed", 1);
    world.settle();
    assertThat(world.ended()).isEmpty();
    world.end("p2", "Failed", 1);
    world.settle();
    assertThat(world.ended()).isEqualTo("Failed MaxFailedIndexesExceeded");
    assertThat(world.active()).isEmpty();
  }

  /** Which of three indexes have succeeded, and whether the rules are content. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'succeededIndexes':'0'}                                 | 1   | ''
          {'succeededIndexes':'0'}                                 | 0   | Matched rules at index 0
          {'succeededIndexes':'0-1'}                               | 0,2 | ''
          {'succeededIndexes':'0-1'}                               | 0,1 | Matched rules at index 0
          {'succeededCount':2}                                     | 2   | ''
          {'succeededCount':2}                                     | 1,2 | Matched rules at index 0
          {'succeededIndexes':'0,2','succeededCount':1}            | 1   | ''
          {'succeededIndexes':'0,2','succeededCount':1}            | 2   | Matched rules at index 0
          {'succeededIndexes':'0,1'},{'succeededIndexes':'2'}      | 2   | Matched rules at index 1
          """)
  void succeedsByItsPolicyAndEndsTheRest(String rules, String succeeded, String message) {
    JobWorld world =
        new JobWorld(
            "{" + INDEXED + ",'successPolicy':{'rules':[" + rules.replace('"', '\'') + "]}}");
    world.settle();
    for (String index : succeeded.split(",", -1)) {
      world.end("p" + index, "Succeeded", 0);
    }
    world.settle();
    boolean isOver = !message.isEmpty();
    assertThat(world.ended()).isEqualTo(isOver ? "Complete SuccessPolicy" : "");
    assertThat(world.view().finished().map(each -> each.message()).orElse("")).isEqualTo(message);
    assertThat(world.active()).hasSize(isOver ? 0 : 3 - succeeded.split(",", -1).length);
    assertThat(world.view().status().string("completedIndexes")).isEqualTo(succeeded);
    assertThat(world.number("failed")).isZero();
  }

  @Test
  void succeedsByItsPolicyThoughAnIndexHasFailed() {
    JobWorld world =
        new JobWorld(
            "{"
                + INDEXED
                + ",'backoffLimitPerIndex':0,'successPolicy':{'rules':[{'succeededCount':1}]}}");
    world.settle();
    world.end("p0", "Failed", 1);
    world.settle();
    assertThat(world.ended()).isEmpty();
    world.end("p1", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo("Complete SuccessPolicy");
  }

  /** A failed pod carries the count of its index to the next, which never comes. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          'activeDeadlineSeconds':5,                         Failed DeadlineExceeded
          'successPolicy':{'rules':[{'succeededCount':1}]},  Complete SuccessPolicy
          """)
  void endsThoughAnIndexWaitsForItsNextTry(String more, String ended) {
    JobWorld world = new JobWorld("{" + INDEXED + ",'backoffLimitPerIndex':9," + more + "}");
    world.settle();
    world.end("p0", "Failed", 1);
    world.settle();
    assertThat(world.ended()).isEmpty();
    world.later(6);
    world.end("p1", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo(ended);
    assertThat(world.pods.values()).allMatch(each -> Meta.of(each).finalizers().isEmpty());
  }

  /** What runs while a deleted pod takes its time, and once it has ended. */
  @ParameterizedTest
  @CsvSource({
    "{'completions':1},                                             p1, p1",
    "'{''completions'':1,''podReplacementPolicy'':''TerminatingOrFailed''}', p1, p1",
    "'{''completions'':1,''podReplacementPolicy'':''Failed''}',     '', p1",
  })
  void replacesAPodThatEndsWhenThePolicySaysSo(String spec, String meanwhile, String afterwards) {
    JobWorld world = new JobWorld(spec);
    world.settle();
    world.pods.computeIfPresent(
        "p0", (_, pod) -> pod.withAt(30L, "metadata", "deletionGracePeriodSeconds"));
    world.delete("p0");
    world.settle();
    assertThat(world.active()).isEqualTo(names(meanwhile));
    assertThat(world.number("terminating")).isEqualTo(meanwhile.isEmpty() ? 1 : 0);
    world.end("p0", "Failed", 1);
    world.settle();
    world.later(10);
    world.settle();
    assertThat(world.active()).isEqualTo(names(afterwards));
    assertThat(world.number("failed")).isEqualTo(1);
  }

  /** Nothing but its finalizer holds it: nobody will say any more how it ended. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",'completionMode':'Indexed'",
        ",'completionMode':'Indexed','backoffLimitPerIndex':9"
      })
  void replacesAPodThatWasDeletedAtOnce(String mode) {
    JobWorld world = new JobWorld("{'completions':1,'podReplacementPolicy':'Failed'" + mode + "}");
    world.settle();
    world.pods.computeIfPresent(
        "p0", (_, pod) -> pod.withAt(0L, "metadata", "deletionGracePeriodSeconds"));
    world.delete("p0");
    world.settle();
    assertThat(world.active()).containsExactly("p1");
    assertThat(world.pods).doesNotContainKey("p0");
    world.end("p1", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo("Complete CompletionsReached");
    assertThat(world.number("failed")).isEqualTo(1);
  }

  @Test
  void forgetsFailedIndexesThatAreNoMoreOnceItIsMadeSmaller() {
    JobWorld world = new JobWorld("{" + INDEXED + ",'backoffLimitPerIndex':0}");
    world.settle();
    world.end("p0", "Succeeded", 0);
    world.end("p2", "Failed", 1);
    world.settle();
    assertThat(world.view().status().string("failedIndexes")).isEqualTo("2");
    world.change("{'completions':2,'parallelism':2}");
    world.settle();
    assertThat(world.ended()).as("index 1 still runs").isEmpty();
    assertThat(world.view().status().string("failedIndexes")).isEmpty();
    world.end("p1", "Succeeded", 0);
    world.settle();
    assertThat(world.ended()).isEqualTo("Complete CompletionsReached");
    assertThat(world.pods.values()).allMatch(each -> Meta.of(each).finalizers().isEmpty());
  }
}
