package dev.wherry.master.controllers.cronjob;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Schedule;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.CronJobView;
import dev.wherry.api.view.JobView;
import dev.wherry.master.reconcile.EventNote;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a cron job does next: of the times that have come since it last started a job only the
 * latest counts, and a job's name says its time, so that none is started twice, whatever fails in
 * between. Pure: the plan on what is there after a plan was carried out is empty.
 *
 * @param delete jobs to be deleted, before one is made
 * @param create a job to be made
 * @param status as it should be once that is done
 * @param notes what is to be told
 * @param next when the next time comes
 */
record CronJobPlan(
    List<Obj> delete,
    Optional<Obj> create,
    Obj status,
    List<EventNote> notes,
    Optional<Duration> next) {

  /** More missed times than this are told of: the clock, or the master, stood still for long. */
  private static final int MANY_MISSED = 100;

  /** As finely as schedules tell times apart. */
  private static final Duration ONE_SECOND = Duration.ofSeconds(1);

  /** A timer may be early by a little. */
  private static final Duration LATER = Duration.ofMillis(100);

  /** As events name a missed time: {@code Thu, 01 Jan 2026 00:05:00 +0000}. */
  private static final DateTimeFormatter MISSED =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  CronJobPlan {
    delete = List.copyOf(delete);
    notes = List.copyOf(notes);
  }

  boolean isEmpty(CronJobView cron) {
    return delete.isEmpty() && create.isEmpty() && status.equals(cron.status());
  }

  /**
   * @param jobs those that the cron job controls
   * @param zone of the master, where the cron job names none
   */
  static CronJobPlan plan(CronJobView cron, List<Obj> jobs, ZoneId zone, Instant now) {
    return new Planning(cron, jobs, zone, now).plan();
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final CronJobView cron;
    private final List<JobView> jobs;
    private final ZoneId zone;
    private final Instant now;
    private final List<Obj> delete = new ArrayList<>();
    private final List<EventNote> notes = new ArrayList<>();
    private final List<JobView> active = new ArrayList<>();
    private Optional<Obj> create = Optional.empty();
    private Optional<Duration> next = Optional.empty();
    private Optional<Instant> started = Optional.empty();

    Planning(CronJobView cron, List<Obj> jobs, ZoneId zone, Instant now) {
      this.cron = cron;
      this.jobs = jobs.stream().map(JobView::new).toList();
      this.zone = zone;
      this.now = now;
    }

    CronJobPlan plan() {
      jobs.stream()
          .filter(each -> each.finished().isEmpty() && !each.meta().isTerminating())
          .forEach(active::add);
      tellOfFinished();
      prune(JobView.COMPLETE, cron.successfulJobsHistoryLimit());
      prune(JobView.FAILED, cron.failedJobsHistoryLimit());
      if (!cron.isSuspended() && !cron.meta().isTerminating()) {
        start();
      }
      return new CronJobPlan(delete, create, status(), notes, next);
    }

    private void tellOfFinished() {
      List<String> known =
          cron.status().objs("active").stream().map(each -> each.string("uid")).toList();
      for (JobView each : jobs) {
        if (known.contains(each.meta().uid()) && each.finished().isPresent()) {
          notes.add(
              EventNote.normal(
                  cron.tree(),
                  "SawCompletedJob",
                  "Saw completed job: "
                      + each.meta().name()
                      + ", condition: "
                      + each.finished().get().type()));
        }
      }
      for (Obj each : cron.status().objs("active")) {
        if (jobs.stream().noneMatch(job -> job.meta().uid().equals(each.string("uid")))) {
          notes.add(
              EventNote.normal(
                  cron.tree(), "MissingJob", "Active job went missing: " + each.string("name")));
        }
      }
    }

    private void prune(String ending, long limit) {
      List<JobView> ended =
          jobs.stream()
              .filter(each -> each.finished().isPresent() && !each.meta().isTerminating())
              .filter(each -> each.has(ending))
              .sorted(
                  Comparator.<JobView, Instant>comparing(
                          each -> each.startTime().orElse(Instant.EPOCH))
                      .thenComparing(JobView::key))
              .toList();
      long surplus = Math.clamp(ended.size() - limit, 0, ended.size());
      ended.stream().limit(surplus).forEach(each -> delete.add(each.tree()));
    }

    private void start() {
      Optional<Schedule> parsed = schedule();
      if (parsed.isEmpty()) {
        return;
      }
      Schedule schedule = parsed.get();
      Instant last = cron.lastScheduleTime().or(() -> cron.meta().creationTimestamp()).orElse(now);
      Instant from = last;
      if (cron.startingDeadlineSeconds().isPresent()) {
        Instant bound = now.minusSeconds(cron.startingDeadlineSeconds().getAsLong());
        from = bound.isAfter(last) ? bound.minusSeconds(1) : last;
      }
      Optional<Instant> due = latest(schedule, from);
      due.filter(each -> each.isAfter(last)).ifPresent(this::run);
      // Counted from the last time, so that "@every" keeps its beat.
      next =
          schedule
              .after(due.orElse(from))
              .map(each -> Duration.between(now, each).plus(LATER))
              .map(each -> each.isPositive() ? each : LATER);
    }

    /** Empty, and told of, where it is none. */
    private Optional<Schedule> schedule() {
      ZoneId its = zone;
      try {
        its = cron.timeZone().isEmpty() ? zone : Schedule.zone(cron.timeZone());
      } catch (IllegalArgumentException e) {
        String fault = "invalid timeZone: \"" + cron.timeZone() + "\": " + e.getMessage();
        notes.add(EventNote.warning(cron.tree(), "UnknownTimeZone", fault));
        return Optional.empty();
      }
      try {
        return Optional.of(Schedule.parse(cron.schedule(), its));
      } catch (IllegalArgumentException e) {
        notes.add(
            EventNote.warning(
                cron.tree(),
                "UnparseableSchedule",
                "unparseable schedule: \"" + cron.schedule() + "\" : " + e.getMessage()));
        return Optional.empty();
      }
    }

    /** The latest time after {@code from} that has come. */
    private Optional<Instant> latest(Schedule schedule, Instant from) {
      Optional<Instant> latest = Optional.empty();
      Optional<Instant> each = come(schedule, from);
      for (int missed = 0; each.isPresent(); missed++) {
        if (missed == MANY_MISSED) {
          notes.add(
              EventNote.warning(
                  cron.tree(),
                  "TooManyMissedTimes",
                  "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or"
                      + " check clock skew"));
          return Optional.of(last(schedule, each.get()));
        }
        latest = each;
        each = come(schedule, each.get());
      }
      return latest;
    }

    /** The first time after this moment, where it has come. */
    private Optional<Instant> come(Schedule schedule, Instant moment) {
      return schedule.after(moment).filter(each -> !each.isAfter(now));
    }

    /**
     * The last time that has come, this one or a later; found by halves, however many there are.
     */
    private Instant last(Schedule schedule, Instant due) {
      Instant last = due;
      Instant end = now; // nothing comes after this until now
      while (Duration.between(last, end).compareTo(ONE_SECOND) >= 0) {
        Instant middle = last.plus(Duration.between(last, end).dividedBy(2));
        Optional<Instant> later = come(schedule, middle);
        last = later.orElse(last);
        end = later.isPresent() ? end : middle;
      }
      return last;
    }

    private void run(Instant due) {
      String name = ScheduledJob.name(cron, due);
      boolean there = jobs.stream().anyMatch(each -> each.meta().name().equals(name));
      boolean late =
          cron.startingDeadlineSeconds().isPresent()
              && due.plusSeconds(cron.startingDeadlineSeconds().getAsLong()).isBefore(now);
      if (there) {
        started = Optional.of(due); // made before a restart, which lost the status
      } else if (late) {
        notes.add(
            EventNote.warning(
                cron.tree(),
                "MissSchedule",
                "Missed scheduled time to start a job: " + MISSED.format(due)));
      } else if (cron.concurrencyPolicy().equals("Forbid") && !active.isEmpty()) {
        notes.add(
            EventNote.normal(
                cron.tree(),
                "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is"
                    + " Forbid"));
      } else {
        if (cron.concurrencyPolicy().equals("Replace")) {
          active.forEach(each -> delete.add(each.tree()));
          active.clear();
        }
        create = Optional.of(ScheduledJob.render(cron, due, zone));
        started = Optional.of(due);
      }
    }

    private Obj status() {
      List<Obj> references = new ArrayList<>();
      active.stream()
          .sorted(Comparator.comparing(JobView::key))
          .forEach(each -> references.add(reference(each.tree())));
      Obj.Builder status = Obj.builder().putUnlessEmpty("active", references);
      Optional<String> last =
          started
              .map(Meta.Times::format)
              .or(() -> Optional.of(cron.status().string("lastScheduleTime")));
      status.putUnlessEmpty("lastScheduleTime", last.get());
      String success =
          jobs.stream()
              .flatMap(each -> each.completionTime().stream())
              .max(Instant::compareTo)
              .map(Meta.Times::format)
              .orElse("");
      String before = cron.status().string("lastSuccessfulTime");
      status.putUnlessEmpty("lastSuccessfulTime", success.compareTo(before) > 0 ? success : before);
      return status.build();
    }
  }

  private static Obj reference(Obj job) {
    Meta meta = Meta.of(job);
    return Obj.of(
        "kind",
        "Job",
        "namespace",
        meta.namespace(),
        "name",
        meta.name(),
        "uid",
        meta.uid(),
        "apiVersion",
        "batch/v1");
  }
}
