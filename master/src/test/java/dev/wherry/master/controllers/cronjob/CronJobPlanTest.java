package dev.wherry.master.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.CronJobView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CronJobPlanTest {
  private static final ZoneId UTC = ZoneId.of("UTC");

  /** A cron job of every minute in a little world. */
  private static final class World {
    Obj cron =
        Json.read(
            """
            {"apiVersion": "batch/v1", "kind": "CronJob",
             "metadata": {"namespace": "n", "name": "c", "uid": "c1",
              "creationTimestamp": "2026-01-01T00:00:00Z"},
             "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"x": 1}}}}
            """);
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    final TreeMap<String, Obj> jobs = new TreeMap<>();

    World(String spec) {
      for (Obj.Entry each : Json.read(spec.replace('\'', '"'))) {
        cron = cron.withAt(each.value(), "spec", each.key());
      }
    }

    CronJobPlan plan() {
      return CronJobPlan.plan(new CronJobView(cron), List.copyOf(jobs.values()), UTC, now);
    }

    CronJobPlan at(String time) {
      now = Instant.parse("2026-01-01T" + time + "Z");
      CronJobPlan plan = plan();
      plan.delete().forEach(each -> jobs.remove(Meta.of(each).name()));
      plan.create().ifPresent(each -> put(Meta.of(each).name(), each));
      cron = cron.with("status", plan.status());
      // The job that was made is active from the next look on, and that is all there is to do.
      cron = cron.with("status", plan().status());
      assertThat(plan().isEmpty(new CronJobView(cron))).isTrue();
      return plan;
    }

    void put(String name, Obj job) {
      jobs.put(name, job.withAt("uid-" + name, "metadata", "uid"));
    }

    void finish(String name, String condition) {
      jobs.computeIfPresent(
          name,
          (_, job) ->
              job.with(
                  "status",
                  Obj.of(
                      "startTime",
                      Meta.Times.format(now),
                      "completionTime",
                      Meta.Times.format(now),
                      "conditions",
                      List.of(Obj.of("type", condition, "status", "True")))));
    }

    int active() {
      return cron.obj("status").list("active").size();
    }
  }

  @Test
  void startsOneJobEachTimeAndTheLatestOfThoseMissed() {
    World world = new World("{}");
    CronJobPlan first = world.at("00:00:30");
    assertThat(first.create()).isEmpty();
    assertThat(first.next()).contains(Duration.ofMillis(30_100));
    Obj job = world.at("00:01:00").create().orElseThrow();
    assertThat(Meta.of(job).name()).isEqualTo("c-29453761");
    assertThat(Meta.of(job).annotations())
        .containsEntry("batch.kubernetes.io/cronjob-scheduled-timestamp", "2026-01-01T00:01:00Z");
    assertThat(world.at("00:01:10").create()).isEmpty();
    assertThat(world.at("00:05:10").create().map(each -> Meta.of(each).name()))
        .contains("c-29453765");
    assertThat(world.cron.obj("status").string("lastScheduleTime"))
        .isEqualTo("2026-01-01T00:05:00Z");
    assertThat(world.active()).isEqualTo(2);
  }

  @Test
  void startsNoneTwiceThoughTheStatusWasLost() {
    World world = new World("{}");
    world.at("00:01:00");
    world.cron = world.cron.without("status");
    assertThat(world.at("00:01:20").create()).isEmpty();
    assertThat(world.cron.obj("status").string("lastScheduleTime"))
        .isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void forbidsOrReplacesWhatRuns() {
    World forbidding = new World("{'concurrencyPolicy':'Forbid'}");
    forbidding.at("00:01:00");
    CronJobPlan second = forbidding.at("00:02:00");
    assertThat(second.create()).isEmpty();
    assertThat(second.notes().getFirst().reason()).isEqualTo("JobAlreadyActive");
    World replacing = new World("{'concurrencyPolicy':'Replace'}");
    replacing.at("00:01:00");
    CronJobPlan other = replacing.at("00:02:00");
    assertThat(other.delete()).hasSize(1);
    assertThat(other.create()).isPresent();
    assertThat(replacing.jobs).hasSize(1);
  }

  @Test
  void startsNothingTooLateNorWhileSuspended() {
    World world = new World("{'schedule':'0 * * * *','startingDeadlineSeconds':60}");
    CronJobPlan late = world.at("01:30:00");
    assertThat(late.create()).isEmpty();
    assertThat(late.notes()).isEmpty();
    CronJobPlan justLate = world.at("02:01:00.500");
    assertThat(justLate.create()).isEmpty();
    assertThat(justLate.notes().getFirst().message())
        .isEqualTo("Missed scheduled time to start a job: Thu, 01 Jan 2026 02:00:00 +0000");
    world = new World("{'schedule':'0 * * * *','startingDeadlineSeconds':60}");
    assertThat(world.at("02:00:30").create()).isPresent();
    World suspended = new World("{'suspend':true}");
    assertThat(suspended.at("00:05:00").create()).isEmpty();
  }

  @Test
  void keepsAsMuchHistoryAsAsked() {
    World world = new World("{'successfulJobsHistoryLimit':1,'failedJobsHistoryLimit':0}");
    world.at("00:01:00");
    world.finish("c-29453761", "Complete");
    assertThat(world.at("00:01:10").notes().getFirst().message())
        .isEqualTo("Saw completed job: c-29453761, condition: Complete");
    world.at("00:02:00");
    world.finish("c-29453762", "Complete");
    assertThat(world.at("00:02:10").delete()).hasSize(1);
    world.at("00:03:00");
    world.finish("c-29453763", "Failed");
    assertThat(world.at("00:03:10").delete()).hasSize(1);
    assertThat(world.jobs).containsOnlyKeys("c-29453762");
  }

  @Test
  void catchesUpAfterYearsWithoutCountingEachMinute() {
    World world = new World("{}");
    world.now = Instant.parse("2036-01-01T00:00:30Z");
    CronJobPlan plan = world.plan();
    assertThat(plan.status().string("lastScheduleTime")).isEqualTo("2036-01-01T00:00:00Z");
    assertThat(plan.notes().getFirst().reason()).isEqualTo("TooManyMissedTimes");
  }

  @Test
  void runsEachTimeThatTheClocksRepeatAndNoneThatTheySkip() {
    World hourly = new World("{'schedule':'0 * * * *','timeZone':'Europe/Berlin'}");
    assertThat(started(hourly, "2026-10-24T23:00:00Z", 5)).hasSize(5);
    assertThat(started(hourly, "2026-03-28T23:30:00Z", 5)).hasSize(5);
    World nightly = new World("{'schedule':'30 2 * * *','timeZone':'Europe/Berlin'}");
    assertThat(started(nightly, "2026-10-24T22:00:00Z", 5))
        .containsExactly("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00");
    assertThat(started(nightly, "2026-03-28T22:00:00Z", 5)).isEmpty();
  }

  /** When jobs were due that were started in so many hours, looking every ten minutes. */
  private static List<String> started(World world, String from, int hours) {
    List<String> due = new ArrayList<>();
    world.jobs.clear();
    world.cron = world.cron.without("status").withAt(from, "metadata", "creationTimestamp");
    for (int i = 0; i <= hours * 6; i++) {
      world.now = Instant.parse(from).plusSeconds(600L * i);
      CronJobPlan plan = world.plan();
      plan.create()
          .ifPresent(
              job -> {
                due.add(
                    Meta.of(job)
                        .annotations()
                        .getOrDefault("batch.kubernetes.io/cronjob-scheduled-timestamp", ""));
                world.put(Meta.of(job).name(), job);
              });
      world.cron = world.cron.with("status", plan.status());
    }
    return due;
  }

  @Test
  void doesWhatIsDueOnceAfterARestartThatMissedSome() {
    World world = new World("{'startingDeadlineSeconds':90}");
    world.at("00:01:00");
    CronJobPlan after = world.at("00:09:30");
    assertThat(after.create().map(each -> Meta.of(each).name())).contains("c-29453769");
    assertThat(after.notes()).isEmpty();
    World strict = new World("{'startingDeadlineSeconds':20}");
    strict.at("00:01:00");
    assertThat(strict.at("00:09:30").create()).as("30 seconds late").isEmpty();
    World forbidding = new World("{'concurrencyPolicy':'Forbid'}");
    forbidding.at("00:01:00");
    assertThat(forbidding.at("00:09:30").create()).isEmpty();
    forbidding.finish("c-29453761", "Complete");
    assertThat(forbidding.at("00:09:40").create().map(each -> Meta.of(each).name()))
        .as("what waited for the one before it")
        .contains("c-29453769");
  }

  @Test
  void startsTheLatestOfMoreThanAHundredMissedTimesAndSaysSo() {
    World world = new World("{}");
    world.at("00:01:00");
    CronJobPlan hundred = world.at("01:41:00");
    assertThat(hundred.notes()).isEmpty();
    CronJobPlan more = world.at("03:23:00");
    assertThat(more.notes().getFirst().reason()).isEqualTo("TooManyMissedTimes");
    assertThat(Meta.of(more.create().orElseThrow()).annotations())
        .containsEntry("batch.kubernetes.io/cronjob-scheduled-timestamp", "2026-01-01T03:23:00Z");
  }

  @Test
  void findsTheLatestMissedTimeThoughTimesLieUnevenly() {
    World world = new World("{'schedule':'* 9 * * *'}");
    world.now = Instant.parse("2026-01-11T20:00:00Z");
    CronJobPlan plan = world.plan();
    assertThat(plan.status().string("lastScheduleTime")).isEqualTo("2026-01-11T09:59:00Z");
    world.cron = world.cron.with("status", plan.status());
    assertThat(world.plan().create()).as("one for all that were missed").isEmpty();
    World yearly = new World("{'schedule':'* * 1-7 1 *'}");
    yearly.now = Instant.parse("2026-12-20T20:00:00Z");
    assertThat(yearly.plan().status().string("lastScheduleTime")).isEqualTo("2026-01-07T23:59:00Z");
    World often = new World("{'schedule':'@every 10s'}");
    often.now = Instant.parse("2026-03-01T00:00:05Z");
    assertThat(often.plan().status().string("lastScheduleTime"))
        .isBetween("2026-02-28T23:59:55Z", "2026-03-01T00:00:05Z");
  }

  @Test
  void tellsOfATimeZoneThatIsNone() {
    World world = new World("{'timeZone':'Nowhere/Else'}");
    CronJobPlan plan = world.at("00:05:00");
    assertThat(plan.create()).isEmpty();
    assertThat(plan.notes().getFirst().reason()).isEqualTo("UnknownTimeZone");
    assertThat(plan.notes().getFirst().message())
        .isEqualTo("invalid timeZone: \"Nowhere/Else\": unknown time zone Nowhere/Else");
  }

  @Test
  void tellsOfAScheduleThatIsNone() {
    World world = new World("{'schedule':'often'}");
    assertThat(world.at("00:05:00").notes().getFirst().reason()).isEqualTo("UnparseableSchedule");
  }
}
