package dev.wherry.master.controllers.cronjob;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.object.Schedule;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.CronJobView;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The job of a cron job for one time, which its name says to the minute. Pure. */
final class ScheduledJob {
  private static final String TIME = "batch.kubernetes.io/cronjob-scheduled-timestamp";

  private ScheduledJob() {}

  static String name(CronJobView cron, Instant due) {
    return cron.meta().name() + "-" + due.getEpochSecond() / 60;
  }

  /** {@code zone} is the one in which its time is written where the cron job names none. */
  static Obj render(CronJobView cron, Instant due, ZoneId zone) {
    Meta template = Meta.of(cron.jobTemplate());
    ZoneId its = cron.timeZone().isEmpty() ? zone : Schedule.zone(cron.timeZone());
    Map<String, String> annotations = new LinkedHashMap<>(template.annotations());
    annotations.put(
        TIME, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(ZonedDateTime.ofInstant(due, its)));
    Obj.Builder metadata =
        Obj.builder()
            .put("name", name(cron, due))
            .put("namespace", cron.meta().namespace())
            .putUnlessEmpty("labels", template.labels())
            .put("annotations", annotations)
            .put("ownerReferences", List.of(OwnerReference.controlledBy(cron.tree()).toObj()));
    return Obj.of(
        "apiVersion",
        "batch/v1",
        "kind",
        "Job",
        "metadata",
        metadata.build(),
        "spec",
        cron.jobTemplate().obj("spec"));
  }
}
