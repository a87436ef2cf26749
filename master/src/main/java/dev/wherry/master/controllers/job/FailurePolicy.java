package dev.wherry.master.controllers.job;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.ContainerStatusView;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.Optional;

/**
 * What a job's {@code podFailurePolicy} says of a failed pod: the first rule that matches. Pure.
 */
record FailurePolicy(List<Obj> rules) {
  FailurePolicy {
    rules = List.copyOf(rules);
  }

  static FailurePolicy of(JobView job) {
    return new FailurePolicy(job.spec().obj("podFailurePolicy").objs("rules"));
  }

  /** {@code action} is FailJob, FailIndex, Ignore or Count. */
  record Verdict(String action, String message) {
    static final Verdict COUNT = new Verdict("Count", "");

    boolean is(String other) {
      return action.equals(other);
    }
  }

  Verdict on(PodView pod) {
    for (int i = 0; i < rules.size(); i++) {
      Obj rule = rules.get(i);
      String end = " matching " + rule.string("action") + " rule at index " + i;
      Optional<String> why = exitCode(rule, pod).or(() -> condition(rule, pod));
      if (why.isPresent()) {
        return new Verdict(rule.string("action"), why.get() + end);
      }
    }
    return Verdict.COUNT;
  }

  private static Optional<String> exitCode(Obj rule, PodView pod) {
    if (!rule.has("onExitCodes")) {
      return Optional.empty();
    }
    Obj asked = rule.obj("onExitCodes");
    boolean in = asked.string("operator").equals("In");
    for (List<ContainerStatusView> statuses :
        List.of(pod.initContainerStatuses(), pod.containerStatuses())) {
      for (ContainerStatusView each : statuses) {
        String only = asked.string("containerName");
        if ((only.isEmpty() || only.equals(each.name()))
            && each.state()
                instanceof ContainerStatusView.State.Terminated(int code, _, _, _, _, _, _)
            && code != 0
            && asked.list("values").contains((long) code) == in) {
          return Optional.of(
              "Container "
                  + each.name()
                  + " for pod "
                  + pod.key()
                  + " failed with exit code "
                  + code);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> condition(Obj rule, PodView pod) {
    for (Obj asked : rule.objs("onPodConditions")) {
      Optional<Condition> found = pod.condition(asked.string("type"));
      if (found.filter(each -> each.status().equals(asked.string("status", "True"))).isPresent()) {
        return Optional.of("Pod " + pod.key() + " has condition " + asked.string("type"));
      }
    }
    return Optional.empty();
  }
}
