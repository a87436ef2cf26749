package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/** The spec of jobs, theirs and that of a cron job's template. Pure. */
final class JobTemplates {
  private static final long BACKOFF_LIMIT = 6;
  private static final long MAX_PARALLEL_INDEXES = 100_000;

  /** Past so many completions, a job with limits by index is held to fewer pods and failures. */
  private static final long MANY_COMPLETIONS = 100_000;

  private static final long MAX_OF_MANY = 10_000;
  private static final int MAX_KEEPER = 63;
  private static final List<String> MODES = List.of("NonIndexed", "Indexed");
  private static final List<String> REPLACEMENT = List.of("Failed", "TerminatingOrFailed");

  private JobTemplates() {}

  static Obj defaults(Obj given) {
    Obj spec = given;
    if (!spec.has("completions") && !spec.has("parallelism")) {
      spec = spec.with("completions", 1L);
    }
    spec = put(spec, "parallelism", 1L);
    spec =
        put(
            spec,
            "backoffLimit",
            spec.has("backoffLimitPerIndex") ? (long) Integer.MAX_VALUE : BACKOFF_LIMIT);
    spec = putText(spec, "completionMode", "NonIndexed");
    spec = put(spec, "suspend", false);
    spec = put(spec, "manualSelector", false);
    spec =
        putText(
            spec,
            "podReplacementPolicy",
            spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
    return inTemplate(spec);
  }

  /** What a cron job's template gets of it: the rest waits for the jobs made of it. */
  static Obj inTemplate(Obj given) {
    Obj spec =
        Defaults.changed(
            given,
            "podFailurePolicy",
            policy ->
                Defaults.changedItems(
                    policy,
                    "rules",
                    rule ->
                        Defaults.changedItems(
                            rule,
                            "onPodConditions",
                            condition -> putText(condition, "status", "True"))));
    return Defaults.changed(spec, "template", PodSpecDefaults::template);
  }

  static void check(Obj spec, String path, Causes causes) {
    for (String key :
        List.of(
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes")) {
      Checks.notNegative(spec, key, path, causes);
    }
    Checks.oneOf(spec, "completionMode", path, MODES, causes);
    List<String> replacement = spec.has("podFailurePolicy") ? List.of("Failed") : REPLACEMENT;
    Checks.oneOf(spec, "podReplacementPolicy", path, replacement, causes);
    boolean indexed = spec.string("completionMode").equals("Indexed");
    if (indexed && !spec.has("completions")) {
      causes.required(path + ".completions", "when completion mode is Indexed");
    }
    if (!indexed) {
      for (String key : List.of("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy")) {
        if (spec.has(key)) {
          causes.invalid(
              path + "." + key, spec.get(key).orElse(""), "requires indexed completion mode");
        }
      }
    }
    if (spec.has("maxFailedIndexes") && !spec.has("backoffLimitPerIndex")) {
      causes.required(path + ".backoffLimitPerIndex", "when maxFailedIndexes is specified");
    }
    if (indexed) {
      indexed(spec, path, causes);
    }
    String keeper = spec.string("managedBy");
    if (spec.has("managedBy")) {
      DomainPrefixedPath.check(keeper, path + ".managedBy", causes);
    }
    causes.ifTooLong(path + ".managedBy", keeper, MAX_KEEPER);
    JobPolicyChecks.failures(spec, path, causes);
    JobPolicyChecks.successes(spec, path, causes);
    template(spec, path, causes);
  }

  private static void indexed(Obj spec, String path, Causes causes) {
    long completions = spec.number("completions", 0);
    String most = "must be less than or equal to ";
    if (spec.number("parallelism", 0) > MAX_PARALLEL_INDEXES) {
      causes.invalid(
          path + ".parallelism",
          spec.number("parallelism", 0),
          most + MAX_PARALLEL_INDEXES + " when completion mode is Indexed");
    }
    long failed = spec.number("maxFailedIndexes", 0);
    if (spec.has("completions") && failed > completions) {
      causes.invalid(path + ".maxFailedIndexes", failed, most + "completions");
    }
    if (failed > MAX_PARALLEL_INDEXES) {
      causes.invalid(path + ".maxFailedIndexes", failed, most + MAX_PARALLEL_INDEXES);
    }
    if (completions <= MANY_COMPLETIONS || !spec.has("backoffLimitPerIndex")) {
      return;
    }
    if (!spec.has("maxFailedIndexes")) {
      causes.required(
          path + ".maxFailedIndexes",
          "must be specified when completions is above " + MANY_COMPLETIONS);
    }
    for (String key : List.of("parallelism", "maxFailedIndexes")) {
      if (spec.number(key, 0) > MAX_OF_MANY) {
        causes.invalid(
            path + "." + key,
            spec.number(key, 0),
            most
                + MAX_OF_MANY
                + " when completions are above "
                + MANY_COMPLETIONS
                + " and used with backoff limit per index");
      }
    }
  }

  /** What to tell whoever makes so large a job. */
  static void warn(Obj spec, String path, List<String> warnings) {
    if (spec.string("completionMode").equals("Indexed")
        && spec.number("completions", 0) > MANY_COMPLETIONS
        && spec.number("parallelism", 0) > MAX_OF_MANY) {
      warnings.add(
          path
              + ": In Indexed Jobs with a number of completions higher than 10^5 and a parallelism"
              + " higher than 10^4, Kubernetes might not be able to track completedIndexes when a"
              + " big number of indexes fail");
    }
  }

  private static void template(Obj spec, String path, Causes causes) {
    Obj template = WorkloadChecks.template(spec);
    String pod = path + ".template.spec";
    PodSpecChecks.template(template, path + ".template", causes);
    String policy = template.obj("spec").string("restartPolicy");
    if (policy.equals("Always")) {
      causes.required(pod + ".restartPolicy", "valid values: \"OnFailure\", \"Never\"");
    } else if (!List.of("Never", "OnFailure").contains(policy)) {
      causes.notSupported(pod + ".restartPolicy", policy, List.of("OnFailure", "Never"));
    }
    if (spec.has("podFailurePolicy") && !policy.equals("Never")) {
      causes.invalid(
          pod + ".restartPolicy",
          policy,
          "only \"Never\" is supported when podFailurePolicy is specified");
    }
  }
}
