package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * What an update may change of a job's template: nothing, but where a suspended job has no pods,
 * where they will run and what they will ask for (Kubernetes 1.36, Jobs, mutable scheduling
 * directives and mutable pod resources). Pure.
 */
final class JobTemplateUpdates {
  private JobTemplateUpdates() {}

  static void check(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.at("spec", "template");
    Obj before = existing.at("spec", "template");
    boolean same = isWithoutPods(existing) ? fixed(now).equals(fixed(before)) : now.equals(before);
    if (!same) {
      causes.invalid("spec.template", now, Checks.IMMUTABLE);
    }
  }

  private static boolean isWithoutPods(Obj job) {
    Obj status = job.obj("status");
    boolean stands = status.string("startTime").isEmpty() || isMarkedSuspended(status);
    return job.obj("spec").flag("suspend") && stands && status.number("active", 0) == 0;
  }

  private static boolean isMarkedSuspended(Obj status) {
    return status.objs("conditions").stream()
        .anyMatch(
            each ->
                each.string("type").equals("Suspended") && each.string("status").equals("True"));
  }

  private static Obj fixed(Obj template) {
    Obj metadata = template.obj("metadata").without("annotations").without("labels");
    Obj spec = template.obj("spec");
    for (String key : List.of("nodeSelector", "tolerations", "schedulingGates")) {
      spec = spec.without(key);
    }
    Obj affinity = spec.obj("affinity").without("nodeAffinity");
    spec = affinity.isEmpty() ? spec.without("affinity") : spec.with("affinity", affinity);
    for (String list : List.of("containers", "initContainers")) {
      spec = Defaults.changedItems(spec, list, container -> container.without("resources"));
    }
    return template.with("metadata", metadata).with("spec", spec);
  }
}
