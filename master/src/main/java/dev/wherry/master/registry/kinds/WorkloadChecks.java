package dev.wherry.master.registry.kinds;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.List;

/** What deployments and replica sets have in common: replicas, a selector and a template. Pure. */
final class WorkloadChecks {
  private WorkloadChecks() {}

  /**
   * Checks a workload.
   *
   * @param word for it in messages about its selector, such as {@code deployment}
   * @param kind for it in messages about its template; a deployment's template is its replica sets'
   */
  static void check(Obj workload, String word, String kind, Causes causes) {
    Obj spec = workload.obj("spec");
    Checks.notNegative(spec, "replicas", "spec", causes);
    Checks.notNegative(spec, "minReadySeconds", "spec", causes);
    selector(spec, word, causes);
    Obj template = template(spec);
    PodSpecChecks.template(template, "spec.template", causes);
    String policy = template.obj("spec").string("restartPolicy");
    if (!policy.equals("Always")) {
      causes.notSupported("spec.template.spec.restartPolicy", policy, List.of("Always"));
    }
    if (template.obj("spec").has("activeDeadlineSeconds")) {
      causes.forbidden(
          "spec.template.spec.activeDeadlineSeconds",
          "activeDeadlineSeconds in " + kind + " is not Supported");
    }
  }

  /** The template of a workload's spec; where there is none, one without containers. */
  static Obj template(Obj spec) {
    Obj template = spec.obj("template");
    return template.obj("spec").isEmpty()
        ? PodSpecDefaults.template(template.with("spec", Obj.EMPTY))
        : template;
  }

  private static void selector(Obj spec, String word, Causes causes) {
    Obj selector = spec.obj("selector");
    if (!spec.has("selector")) {
      causes.required("spec.selector", "");
      mismatch(spec, causes);
      return;
    }
    Causes wrong = new Causes();
    Labels.checkSelector(selector, "spec.selector", wrong);
    wrong.list().forEach(causes::add);
    if (!wrong.isEmpty()) {
      return;
    }
    LabelSelector parsed = LabelSelector.of(selector);
    if (parsed.isEverything()) {
      causes.invalid("spec.selector", selector, "empty selector is invalid for " + word);
    } else if (!parsed.matches(spec.at("template", "metadata").stringMap("labels"))) {
      mismatch(spec, causes);
    }
  }

  /** No selector selects nothing, the pods of the template included. */
  private static void mismatch(Obj spec, Causes causes) {
    causes.invalid(
        "spec.template.metadata.labels",
        spec.at("template", "metadata").obj("labels"),
        "`selector` does not match template `labels`");
  }

  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Checks.immutable(
        updated.obj("spec"), existing.obj("spec"), "selector", "spec.selector", causes);
  }
}
