package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Labels;
import java.util.List;
import java.util.Map;

/** Labels of nodes that have a newer name, and what to tell whoever selects by them. Pure. */
final class DeprecatedNodeLabels {
  private static final Map<String, String> ADVICE =
      Map.of(
          "beta.kubernetes.io/arch",
          "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
          "beta.kubernetes.io/os",
          "deprecated since v1.14; use \"kubernetes.io/os\" instead",
          "failure-domain.beta.kubernetes.io/region",
          "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
          "failure-domain.beta.kubernetes.io/zone",
          "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
          "beta.kubernetes.io/instance-type",
          "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
          "app.kubernetes.io/created-by",
          "deprecated since v1.9",
          "scheduler.alpha.kubernetes.io/preferAvoidPods",
          "deprecated since v1.22; use Taints and Tolerations instead",
          "node-role.kubernetes.io/master",
          "use \"node-role.kubernetes.io/control-plane\" instead");

  private DeprecatedNodeLabels() {}

  static void ofPod(Obj spec, String path, List<String> warnings) {
    for (Obj.Entry label : spec.obj("nodeSelector")) {
      String advice = ADVICE.get(label.key());
      if (advice != null) {
        warnings.add(path + ".nodeSelector[" + label.key() + "]: " + advice);
      }
    }
    Obj affinity = spec.at("affinity", "nodeAffinity");
    String at = path + ".affinity.nodeAffinity.";
    String required = "requiredDuringSchedulingIgnoredDuringExecution";
    Checks.each(
        affinity.obj(required).objs("nodeSelectorTerms"),
        at + required + ".nodeSelectorTerms",
        (term, where) -> keys(term, where, warnings));
    String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    Checks.each(
        affinity.objs(preferred),
        at + preferred,
        (wish, where) -> {
          keys(wish.obj("preference"), where + ".preference", warnings);
          values(wish.obj("preference"), where + ".preference", warnings);
        });
    Checks.each(
        spec.objs("topologySpreadConstraints"),
        path + ".topologySpreadConstraints",
        (constraint, where) ->
            key(constraint.string("topologyKey"), where + ".topologyKey", warnings));
  }

  private static void keys(Obj term, String path, List<String> warnings) {
    Checks.each(
        term.objs("matchExpressions"),
        path + ".matchExpressions",
        (expression, at) -> key(expression.string("key"), at + ".key", warnings));
  }

  private static void key(String key, String path, List<String> warnings) {
    String advice = ADVICE.get(key);
    if (advice != null) {
      warnings.add(path + ": " + key + " is " + advice);
    }
  }

  /** Values that no label has: a wish for one is borne, but never met. */
  private static void values(Obj term, String path, List<String> warnings) {
    Checks.each(
        term.objs("matchExpressions"),
        path + ".matchExpressions",
        (expression, at) -> {
          List<String> values = expression.strings("values");
          for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            String where = at + ".values[" + i + "]: ";
            Labels.valueComplaint(value)
                .ifPresent(complaint -> warnings.add(where + value + " is invalid, " + complaint));
          }
        });
  }
}
