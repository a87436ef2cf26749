package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Durations;
import dev.wherry.master.registry.ResourceDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Jobs. */
final class JobKind implements SpecAndStatus {
  private static final String UID_LABEL = "batch.kubernetes.io/controller-uid";
  private static final String NAME_LABEL = "batch.kubernetes.io/job-name";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("batch", "v1", "Job", "jobs")
          .categories("all")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Status", (job, _) -> phase(job)),
              Column.text("Completions", (job, _) -> completions(job)),
              Column.text("Duration", JobKind::duration),
              Column.AGE)
          .moreColumns(Cells.ofTemplate())
          .field("status.successful", job -> "" + job.obj("status").number("succeeded", 0))
          .strategy(new JobKind())
          .build();

  private JobKind() {}

  private static boolean has(Obj job, String condition) {
    for (Obj each : job.obj("status").objs("conditions")) {
      if (each.string("type").equals(condition) && each.string("status").equals("True")) {
        return true;
      }
    }
    return false;
  }

  private static String phase(Obj job) {
    if (has(job, "Complete")) {
      return "Complete";
    } else if (has(job, "Failed")) {
      return "Failed";
    } else if (!job.obj("metadata").string("deletionTimestamp").isEmpty()) {
      return "Terminating";
    } else if (has(job, "Suspended")) {
      return "Suspended";
    } else if (has(job, "FailureTarget")) {
      return "FailureTarget";
    }
    return has(job, "SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
  }

  private static String completions(Obj job) {
    Obj spec = job.obj("spec");
    long succeeded = job.obj("status").number("succeeded", 0);
    if (spec.has("completions")) {
      return succeeded + "/" + spec.number("completions", 0);
    }
    long parallelism = spec.number("parallelism", 0);
    return succeeded + (parallelism > 1 ? "/1 of " + parallelism : "/1");
  }

  private static String duration(Obj job, Instant now) {
    Obj status = job.obj("status");
    Instant end = Meta.Times.parse(status.string("completionTime")).orElse(now);
    return Meta.Times.parse(status.string("startTime"))
        .map(start -> Durations.human(Duration.between(start, end)))
        .orElse("");
  }

  @Override
  public Obj defaults(Obj job) {
    return job.change("spec", JobTemplates::defaults);
  }

  /** A job selects by its uid, unless the client looks after selector and labels itself. */
  @Override
  public Obj beforeCreate(Obj job) {
    Obj made = job.with("status", Obj.EMPTY);
    if (made.obj("spec").flag("manualSelector")) {
      return made;
    }
    Obj metadata = made.obj("metadata");
    String uid = metadata.string("uid");
    String name = metadata.string("name");
    return made.change(
        "spec",
        spec ->
            spec.with("selector", Obj.of("matchLabels", Obj.of(UID_LABEL, uid)))
                .change(
                    "template",
                    template ->
                        template.change(
                            "metadata",
                            of ->
                                of.change(
                                    "labels",
                                    labels ->
                                        labels
                                            .with(UID_LABEL, uid)
                                            .with(NAME_LABEL, name)
                                            .with("controller-uid", uid)
                                            .with("job-name", name)))));
  }

  @Override
  public void check(Obj job, Causes causes) {
    JobTemplates.check(job.obj("spec"), "spec", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    boolean elastic =
        now.string("completionMode").equals("Indexed")
            && now.number("completions", 0) == now.number("parallelism", 0);
    if (!elastic) {
      Checks.immutable(now, before, "completions", "spec.completions", causes);
    }
    for (String key :
        List.of(
            "selector",
            "completionMode",
            "podFailurePolicy",
            "backoffLimitPerIndex",
            "managedBy",
            "successPolicy")) {
      Checks.immutable(now, before, key, "spec." + key, causes);
    }
    boolean waiting =
        before.flag("suspend") && existing.obj("status").string("startTime").isEmpty();
    if (!schedulable(now.obj("template"), waiting)
        .equals(schedulable(before.obj("template"), waiting))) {
      causes.invalid("spec.template", now.obj("template"), Checks.IMMUTABLE);
    }
  }

  /** The template without what a job that has not begun may still say about where it runs. */
  private static Obj schedulable(Obj template, boolean waiting) {
    if (!waiting) {
      return template;
    }
    Obj metadata = template.obj("metadata").without("annotations").without("labels");
    Obj spec = template.obj("spec");
    for (String key : List.of("affinity", "nodeSelector", "tolerations", "schedulingGates")) {
      spec = spec.without(key);
    }
    return template.with("metadata", metadata).with("spec", spec);
  }
}
