package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Durations;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Jobs. */
final class JobKind implements SpecAndStatus {
  private static final String UID_LABEL = "batch.kubernetes.io/controller-uid";
  private static final String MISMATCH = "`selector` does not match template `labels`";
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
    Obj labels = job.at("spec", "template", "metadata", "labels");
    Obj made = job.change("spec", JobTemplates::defaults);
    return labels.isEmpty() || !made.obj("metadata").obj("labels").isEmpty()
        ? made
        : made.withAt(labels, "metadata", "labels");
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
    Obj own = labels(uid, metadata.string("name"));
    return made.change(
        "spec",
        spec ->
            spec.change(
                    "selector",
                    selector ->
                        selector.change(
                            "matchLabels", labels -> Defaults.put(labels, UID_LABEL, uid)))
                .change(
                    "template",
                    template ->
                        template.change(
                            "metadata",
                            of -> of.change("labels", labels -> withAll(labels, own)))));
  }

  /** What a job that selects by its uid gives its pods; the latter two as before 1.27. */
  private static Obj labels(String uid, String name) {
    return Obj.of(UID_LABEL, uid, NAME_LABEL, name, "controller-uid", uid, "job-name", name);
  }

  private static Obj withAll(Obj labels, Obj more) {
    Obj all = labels;
    for (Obj.Entry each : more) {
      all = Defaults.put(all, each.key(), each.value());
    }
    return all;
  }

  @Override
  public void check(Obj job, Causes causes) {
    Obj spec = job.obj("spec");
    JobTemplates.check(spec, "spec", causes);
    selector(job, causes);
    String name = job.obj("metadata").string("name");
    String host = name + "-" + (spec.number("completions", 0) - 1);
    if (spec.string("completionMode").equals("Indexed")
        && spec.number("completions", 0) > 0
        && NameRule.DNS_LABEL.complaint(host).isPresent()) {
      causes.invalid(
          "metadata.name", name, "will not able to create pod with invalid DNS label: " + host);
    }
  }

  private static void selector(Obj job, Causes causes) {
    Obj spec = job.obj("spec");
    Obj metadata = job.obj("metadata");
    Obj given = spec.at("template", "metadata").obj("labels");
    if (!spec.has("selector")) {
      if (spec.flag("manualSelector")) {
        causes.required("spec.selector", "");
        causes.invalid("spec.template.metadata.labels", given, MISMATCH);
      }
      return;
    }
    Causes wrong = new Causes();
    Labels.checkSelector(spec.obj("selector"), "spec.selector", wrong);
    wrong.list().forEach(causes::add);
    if (!wrong.isEmpty()) {
      return;
    }
    LabelSelector selector = LabelSelector.of(spec.obj("selector"));
    Obj own = labels(metadata.string("uid"), metadata.string("name"));
    if (!spec.flag("manualSelector") && metadata.has("uid")) {
      own.forEach(each -> own(each, given, causes));
      if (!selector.matches(Obj.of("of", own).stringMap("of"))) {
        causes.invalid("spec.selector", spec.obj("selector"), "`selector` not auto-generated");
      }
    }
    if (!selector.matches(spec.at("template", "metadata").stringMap("labels"))) {
      causes.invalid("spec.template.metadata.labels", given, MISMATCH);
    }
  }

  private static void own(Obj.Entry label, Obj given, Causes causes) {
    String path = "spec.template.metadata.labels[" + label.key() + "]";
    String detail = "must be '" + label.value() + "'";
    if (!given.has(label.key())) {
      causes.required(path, detail);
    } else if (!given.get(label.key()).equals(Optional.of(label.value()))) {
      causes.invalid(path, given, detail);
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    if (!now.string("completionMode").equals("Indexed")) {
      Checks.immutable(now, before, "completions", "spec.completions", causes);
    } else if (now.has("completions")
        && now.number("completions", 0) != before.number("completions", 0)
        && now.number("completions", 0) != now.number("parallelism", 0)) {
      causes.invalid(
          "spec.completions",
          now.number("completions", 0),
          "can only be modified in tandem with spec.parallelism");
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
    JobTemplateUpdates.check(updated, existing, causes);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    List<String> warnings =
        new ArrayList<>(PodWarnings.ofWorkload(updated, existing, "spec.template"));
    JobTemplates.warn(updated.obj("spec"), "spec", warnings);
    return warnings;
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    JobStatusChecks.check(updated, existing, causes);
  }
}
