package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.object.Schedule;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Durations;
import dev.wherry.master.registry.ResourceDefinition;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Cron jobs. */
final class CronJobKind implements SpecAndStatus {
  private static final List<String> POLICIES = List.of("Allow", "Forbid", "Replace");

  /** The name of a job gets a hyphen and ten digits behind the cron job's. */
  private static final int MAX_NAME = 52;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("batch", "v1", "CronJob", "cronjobs")
          .shortNames("cj")
          .categories("all")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Schedule", (cron, _) -> cron.obj("spec").string("schedule")),
              Column.text(
                  "Timezone", (cron, _) -> Cells.orNone(cron.obj("spec").string("timeZone"))),
              Column.text(
                  "Suspend", (cron, _) -> cron.obj("spec").flag("suspend") ? "True" : "False"),
              Column.number("Active", (cron, _) -> (long) cron.obj("status").list("active").size()),
              Column.text(
                  "Last Schedule",
                  (cron, now) -> {
                    String last = cron.obj("status").string("lastScheduleTime");
                    return last.isEmpty() ? Cells.NONE : Durations.since(last, now);
                  }),
              Column.AGE)
          .moreColumns(
              List.of(
                  Column.wide("Containers", (cron, _) -> joined(cron, "name")),
                  Column.wide("Images", (cron, _) -> joined(cron, "image")),
                  Column.wide(
                      "Selector",
                      (cron, _) ->
                          Cells.selector(cron.at("spec", "jobTemplate", "spec", "selector")))))
          .strategy(new CronJobKind())
          .build();

  private CronJobKind() {}

  private static String joined(Obj cron, String key) {
    List<String> texts = new ArrayList<>();
    Obj pod = cron.at("spec", "jobTemplate", "spec", "template", "spec");
    pod.objs("containers").forEach(container -> texts.add(container.string(key)));
    return String.join(",", texts);
  }

  @Override
  public Obj defaults(Obj cron) {
    return cron.change("spec", CronJobKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = putText(given, "concurrencyPolicy", "Allow");
    spec = put(spec, "suspend", false);
    spec = put(spec, "successfulJobsHistoryLimit", 3L);
    spec = put(spec, "failedJobsHistoryLimit", 1L);
    return Defaults.changed(
        spec,
        "jobTemplate",
        template -> Defaults.changed(template, "spec", JobTemplates::inTemplate));
  }

  private static void schedule(String schedule, Causes causes) {
    if (schedule.isEmpty()) {
      causes.required("spec.schedule", "");
      return;
    }
    try {
      Schedule _ = Schedule.parse(schedule, ZoneOffset.UTC);
    } catch (IllegalArgumentException e) {
      causes.invalid("spec.schedule", schedule, String.valueOf(e.getMessage()));
    }
    if (schedule.contains("TZ")) {
      causes.invalid(
          "spec.schedule",
          schedule,
          "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
  }

  private static void zone(String zone, Causes causes) {
    if (zone.isEmpty()) {
      causes.invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
      return;
    }
    if (zone.equalsIgnoreCase("Local")) {
      causes.invalid(
          "spec.timeZone",
          zone,
          "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    }
    try {
      ZoneId _ = Schedule.zone(zone);
    } catch (IllegalArgumentException e) {
      causes.invalid("spec.timeZone", zone, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Obj beforeCreate(Obj cron) {
    return cron.with("status", Obj.EMPTY);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    List<String> warnings =
        new ArrayList<>(
            PodWarnings.ofWorkload(updated, existing, "spec.jobTemplate.spec.template"));
    JobTemplates.warn(updated.at("spec", "jobTemplate", "spec"), "spec.jobTemplate.spec", warnings);
    return warnings;
  }

  @Override
  public void checkNew(Obj cron, Causes causes) {
    String name = cron.obj("metadata").string("name");
    if (name.length() > MAX_NAME) {
      causes.invalid("metadata.name", name, "must be no more than " + MAX_NAME + " characters");
    }
  }

  @Override
  public void check(Obj cron, Causes causes) {
    Obj spec = cron.obj("spec");
    schedule(spec.string("schedule"), causes);
    Checks.notNegative(spec, "startingDeadlineSeconds", "spec", causes);
    if (spec.has("timeZone")) {
      zone(spec.string("timeZone"), causes);
    }
    Checks.notNegative(spec, "successfulJobsHistoryLimit", "spec", causes);
    Checks.notNegative(spec, "failedJobsHistoryLimit", "spec", causes);
    Checks.oneOf(spec, "concurrencyPolicy", "spec", POLICIES, causes);
    Obj job = spec.at("jobTemplate", "spec");
    if (job.flag("manualSelector")) {
      causes.notSupported("spec.jobTemplate.spec.manualSelector", true, List.of("nil", "false"));
    }
    if (job.has("selector")) {
      causes.invalid(
          "spec.jobTemplate.spec.selector",
          job.obj("selector"),
          "`selector` will be auto-generated");
    }
    JobTemplates.check(JobTemplates.defaults(job), "spec.jobTemplate.spec", causes);
  }
}
