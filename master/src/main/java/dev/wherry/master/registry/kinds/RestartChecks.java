package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/** A container's own restart policy and its rules for exit codes, in Kubernetes' words. Pure. */
final class RestartChecks {
  private static final int MAX_RULES = 20;
  private static final int MAX_VALUES = 255;
  private static final List<String> POLICIES = List.of("Always", "Never", "OnFailure");

  private static final List<String> ACTIONS = List.of("Restart", "RestartAllContainers");

  private RestartChecks() {}

  static void check(Obj container, String path, Causes causes) {
    List<Obj> rules = container.objs("restartPolicyRules");
    String rulesPath = path + ".restartPolicyRules";
    if (!container.has("restartPolicy")) {
      if (!rules.isEmpty()) {
        causes.required(
            path + ".restartPolicy", "must specify restartPolicy when restart rules are used");
      }
    } else if (!POLICIES.contains(container.string("restartPolicy"))) {
      causes.notSupported(path + ".restartPolicy", container.string("restartPolicy"), POLICIES);
    }
    causes.ifTooMany(rulesPath, rules.size(), MAX_RULES);
    for (int i = 0; i < rules.size(); i++) {
      rule(rules.get(i), rulesPath + "[" + i + "]", causes);
    }
  }

  private static void rule(Obj rule, String path, Causes causes) {
    if (!ACTIONS.contains(rule.string("action"))) {
      causes.notSupported(path + ".action", rule.string("action"), ACTIONS);
    }
    if (!rule.has("exitCodes")) {
      causes.required(path + ".exitCodes", "must be specified");
      return;
    }
    Obj codes = rule.obj("exitCodes");
    if (!List.of("In", "NotIn").contains(codes.string("operator"))) {
      causes.notSupported(
          path + ".exitCodes.operator", codes.string("operator"), List.of("In", "NotIn"));
    }
    causes.ifTooMany(path + ".exitCodes.values", codes.list("values").size(), MAX_VALUES);
  }
}
