package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Runtime classes; the admission of pods takes their overhead and scheduling from them. */
final class RuntimeClassKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
          .clusterScoped()
          .columns(Column.NAME, Column.text("Handler", (of, _) -> of.string("handler")), Column.AGE)
          .strategy(
              Rules.NONE
                  .withCheck(RuntimeClassKind::check)
                  .withFixed("handler")
                  .withUpdating(Updating.UNCOUNTED_BY_VERSION))
          .build();

  private RuntimeClassKind() {}

  private static void check(Obj type, Causes causes) {
    String handler = type.string("handler");
    NameRule.DNS_LABEL
        .complaint(handler)
        .ifPresent(complaint -> causes.invalid("handler", handler, complaint));
    Obj overhead = Obj.of("limits", type.at("overhead", "podFixed"));
    ResourceChecks.check(overhead, "overhead", Set.of(), causes);
    Obj scheduling = type.obj("scheduling");
    Labels.checkMap(scheduling.obj("nodeSelector"), "scheduling.nodeSelector", causes);
    List<Obj> tolerations = scheduling.objs("tolerations");
    PodSpecChecks.tolerations(tolerations, "scheduling.tolerations", causes);
    Set<Obj> seen = new HashSet<>();
    Checks.each(
        tolerations,
        "scheduling.tolerations",
        (toleration, at) -> {
          if (!seen.add(toleration.without("tolerationSeconds"))) {
            causes.duplicate(at, toleration);
          }
        });
  }
}
