package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** A cron job, typed, with Kubernetes' defaults where a member lacks. */
public record CronJobView(Obj tree) implements ObjectView {
  public String schedule() {
    return spec().string("schedule");
  }

  /** An IANA name; empty: the master's own zone. */
  public String timeZone() {
    return spec().string("timeZone");
  }

  /** {@code Allow}, {@code Forbid} or {@code Replace}. */
  public String concurrencyPolicy() {
    return spec().string("concurrencyPolicy", "Allow");
  }

  public boolean isSuspended() {
    return spec().flag("suspend");
  }

  /** How late a job may start; empty: as late as it likes. */
  public OptionalLong startingDeadlineSeconds() {
    return Fields.number(spec(), "startingDeadlineSeconds");
  }

  public long successfulJobsHistoryLimit() {
    return spec().number("successfulJobsHistoryLimit", 3);
  }

  public long failedJobsHistoryLimit() {
    return spec().number("failedJobsHistoryLimit", 1);
  }

  public Obj jobTemplate() {
    return spec().obj("jobTemplate");
  }

  public Optional<Instant> lastScheduleTime() {
    return Meta.Times.parse(status().string("lastScheduleTime"));
  }
}
