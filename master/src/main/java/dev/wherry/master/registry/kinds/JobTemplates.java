package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.List;

/** The spec of jobs, theirs and that of a cron job's template. Pure. */
final class JobTemplates {
  private static final long BACKOFF_LIMIT = 6;
  private static final List<String> MODES = List.of("Indexed", "NonIndexed");
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
    spec =
        putText(
            spec,
            "podReplacementPolicy",
            spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
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
    Checks.oneOf(spec, "podReplacementPolicy", path, REPLACEMENT, causes);
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
    template(spec, path, causes);
  }

  private static void template(Obj spec, String path, Causes causes) {
    Obj template = spec.obj("template");
    if (template.isEmpty()) {
      causes.required(path + ".template", "");
      return;
    }
    String pod = path + ".template.spec";
    Labels.check(template.obj("metadata"), path + ".template.metadata.labels", causes);
    PodSpecChecks.check(template.obj("spec"), pod, causes);
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
