package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks of what a job's controller, ours or that of {@code managedBy}, says of it, in Kubernetes'
 * words. What was wrong before and stays as it was is let be, as in Kubernetes. Pure.
 */
final class JobStatusChecks {
  private static final String STATUS = "status";
  private static final List<String> FINAL = List.of("Failed", "Complete", "FailureTarget");

  private final Obj job;
  private final Obj status;
  private final Obj before;
  private final Causes causes;

  private JobStatusChecks(Obj updated, Obj existing, Causes causes) {
    this.job = updated;
    this.status = updated.obj(STATUS);
    this.before = existing.obj(STATUS);
    this.causes = causes;
  }

  static void check(Obj updated, Obj existing, Causes causes) {
    JobStatusChecks checks = new JobStatusChecks(updated, existing, causes);
    for (String key : List.of("active", "succeeded", "failed", "ready", "terminating")) {
      Checks.notNegative(checks.status, key, STATUS, causes);
    }
    checks.uncounted();
    checks.conditions();
    checks.times();
    checks.finished();
    checks.counters();
    checks.indexes();
  }

  private static boolean is(Obj status, String condition) {
    return status.objs("conditions").stream()
        .anyMatch(
            each -> each.string("type").equals(condition) && each.string("status").equals("True"));
  }

  private boolean is(String condition) {
    return is(status, condition);
  }

  private boolean was(String condition) {
    return is(before, condition);
  }

  private boolean isNew(String key) {
    return !status.get(key).equals(before.get(key));
  }

  private void refuse(boolean wrong, String why) {
    if (wrong) {
      causes.invalid("status.conditions", why);
    }
  }

  private void refuse(boolean wrong, String path, Object value, String why) {
    if (wrong) {
      causes.invalid(path, value, why);
    }
  }

  private void uncounted() {
    Obj pods = status.obj("uncountedTerminatedPods");
    Set<String> seen = new HashSet<>();
    for (String list : List.of("succeeded", "failed")) {
      List<String> uids = pods.strings(list);
      for (int i = 0; i < uids.size(); i++) {
        String path = "status.uncountedTerminatedPods." + list + "[" + i + "]";
        if (uids.get(i).isEmpty()) {
          causes.invalid(path, "", "must not be empty");
        } else if (!seen.add(uids.get(i))) {
          causes.duplicate(path, uids.get(i));
        }
      }
    }
  }

  private void conditions() {
    boolean completes = is("Complete") && !was("Complete");
    boolean fails = is("Failed") && !was("Failed");
    boolean succeeds = is("SuccessCriteriaMet");
    refuse(
        (completes || fails) && is("Complete") && is("Failed"),
        "cannot set Complete=True and Failed=true conditions");
    refuse(
        is("Complete") && is("FailureTarget") && (completes || !was("FailureTarget")),
        "cannot set Complete=True and FailureTarget=true conditions");
    refuse(
        fails && !is("FailureTarget"),
        "cannot set Failed=True condition without the FailureTarget=true condition");
    refuse(
        completes && !succeeds,
        "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
    for (String failure : List.of("Failed", "FailureTarget")) {
      refuse(
          succeeds && is(failure),
          "cannot set SuccessCriteriaMet=True and " + failure + "=true conditions");
    }
    for (String condition : FINAL) {
      refuse(
          was(condition) && !is(condition),
          "cannot disable the terminal " + condition + "=True condition");
    }
    refuse(
        was("SuccessCriteriaMet") && !succeeds,
        "cannot disable the SuccessCriteriaMet=True condition");
    refuse(
        was("Complete") && !was("SuccessCriteriaMet") && succeeds,
        "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }

  private void times() {
    String end = status.string("completionTime");
    boolean complete = is("Complete");
    boolean changes = complete != was("Complete") || isNew("completionTime");
    if (changes && complete && end.isEmpty()) {
      causes.required("status.completionTime", "completionTime is required for Complete jobs");
    }
    refuse(
        changes && !complete && !end.isEmpty(),
        "status.completionTime",
        end,
        "cannot set completionTime when there is no Complete=True condition");
    refuse(
        !end.isEmpty()
            && !before.string("completionTime").isEmpty()
            && !before.string("completionTime").equals(end),
        "status.completionTime",
        end,
        "completionTime cannot be mutated");
    Optional<Instant> start = Meta.Times.parse(status.string("startTime"));
    Optional<Instant> completion = Meta.Times.parse(end);
    refuse(
        start.isPresent() && completion.isPresent() && completion.get().isBefore(start.get()),
        "status.completionTime",
        end,
        "completionTime cannot be set before startTime");
    if (!before.string("startTime").isEmpty()
        && isNew("startTime")
        && !job.obj("spec").flag("suspend")
        && !is(before, "Suspended")) {
      String change = status.string("startTime").isEmpty() ? "removed" : "modified";
      causes.required("status.startTime", "startTime cannot be " + change + " for unsuspended job");
    }
  }

  private void finished() {
    if (!is("Complete") && !is("Failed")) {
      return;
    }
    boolean ends = !was("Complete") && !was("Failed");
    for (String count : List.of("active", "terminating")) {
      refuse(
          (ends || isNew(count)) && status.number(count, 0) > 0,
          "status." + count,
          status.number(count, 0),
          count + ">0 is invalid for finished job");
    }
    if ((ends || isNew("startTime")) && status.string("startTime").isEmpty()) {
      causes.required("status.startTime", "startTime is required for finished job");
    }
    Obj uncounted = status.obj("uncountedTerminatedPods");
    refuse(
        (ends || isNew("uncountedTerminatedPods"))
            && !(uncounted.list("succeeded").isEmpty() && uncounted.list("failed").isEmpty()),
        "status.uncountedTerminatedPods",
        uncounted,
        "uncountedTerminatedPods needs to be empty for finished job");
  }

  private void counters() {
    Obj spec = job.obj("spec");
    boolean elastic = isIndexed() && spec.number("completions", 0) == spec.number("parallelism", 0);
    refuse(
        status.number("failed", 0) < before.number("failed", 0),
        "status.failed",
        status.number("failed", 0),
        "cannot decrease the failed counter");
    refuse(
        !elastic && status.number("succeeded", 0) < before.number("succeeded", 0),
        "status.succeeded",
        status.number("succeeded", 0),
        "cannot decrease the succeeded counter");
    refuse(
        status.number("ready", 0) > status.number("active", 0),
        "status.ready",
        status.number("ready", 0),
        "cannot set more ready pods than active");
  }

  private boolean isIndexed() {
    return job.obj("spec").string("completionMode").equals("Indexed");
  }

  private void indexes() {
    Obj spec = job.obj("spec");
    long completions = spec.number("completions", 0);
    String completed = status.string("completedIndexes");
    String failed = status.string("failedIndexes");
    if (isNew("completedIndexes")) {
      refuse(
          !completed.isEmpty() && !isIndexed(),
          "status.completedIndexes",
          completed,
          "cannot set non-empty completedIndexes when non-indexed completion mode");
      format("completedIndexes", completions);
    }
    if (isNew("failedIndexes")) {
      refuse(
          status.has("failedIndexes") && !spec.has("backoffLimitPerIndex"),
          "status.failedIndexes",
          failed,
          "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
      format("failedIndexes", completions);
    }
    if (isNew("completedIndexes") || isNew("failedIndexes")) {
      JobIndexes.overlap(completed, failed, completions)
          .ifPresent(
              index ->
                  causes.invalid(
                      "status.failedIndexes",
                      failed,
                      "failedIndexes and completedIndexes overlap at index: " + index));
    }
  }

  private void format(String key, long completions) {
    String text = status.string(key);
    if (job.obj("spec").has("completions")) {
      JobIndexes.complaint(text, completions)
          .ifPresent(
              why -> causes.invalid("status." + key, text, "error parsing " + key + ": " + why));
    }
  }
}
