package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;
import java.util.Map;

/** Replication controllers, whose selector is a plain map of labels. */
final class ReplicationControllerKind implements SpecAndStatus {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ReplicationController", "replicationcontrollers")
          .shortNames("rc")
          .categories("all")
          .withStatus()
          .withScale()
          .columns(
              Column.NAME,
              Column.number("Desired", (set, _) -> set.obj("spec").number("replicas", 0)),
              Column.number("Current", (set, _) -> set.obj("status").number("replicas", 0)),
              Column.number("Ready", (set, _) -> set.obj("status").number("readyReplicas", 0)),
              Column.AGE)
          .moreColumns(Cells.ofTemplate().subList(0, 2))
          .moreColumns(
              List.of(
                  Column.wide(
                      "Selector", (set, _) -> Cells.labels(set.obj("spec").stringMap("selector")))))
          .field("status.replicas", set -> "" + set.obj("status").number("replicas", 0))
          .strategy(new ReplicationControllerKind())
          .build();

  private ReplicationControllerKind() {}

  @Override
  public Obj defaults(Obj set) {
    Obj labels = set.at("spec", "template", "metadata", "labels");
    Obj made =
        set.change(
            "spec",
            spec -> {
              Obj filled = put(spec, "replicas", 1L);
              filled = labels.isEmpty() ? filled : put(filled, "selector", labels);
              return Defaults.changed(filled, "template", PodSpecDefaults::template);
            });
    return labels.isEmpty() ? made : made.change("metadata", meta -> put(meta, "labels", labels));
  }

  @Override
  public Obj beforeCreate(Obj set) {
    return set.with("status", Obj.of("replicas", 0L));
  }

  @Override
  public void check(Obj set, Causes causes) {
    Obj spec = set.obj("spec");
    Checks.notNegative(spec, "replicas", "spec", causes);
    Checks.notNegative(spec, "minReadySeconds", "spec", causes);
    Map<String, String> selector = spec.stringMap("selector");
    Map<String, String> labels = spec.at("template", "metadata").stringMap("labels");
    if (selector.isEmpty()) {
      causes.required("spec.selector", "");
    }
    Obj template = spec.obj("template");
    if (template.isEmpty()) {
      causes.required("spec.template", "");
      return;
    }
    if (!labels.entrySet().containsAll(selector.entrySet())) {
      causes.invalid(
          "spec.template.metadata.labels",
          template.obj("metadata").obj("labels"),
          "`selector` does not match template `labels`");
    }
    PodSpecChecks.template(template, "spec.template", causes);
    String policy = template.obj("spec").string("restartPolicy");
    if (!policy.equals("Always")) {
      causes.notSupported("spec.template.spec.restartPolicy", policy, List.of("Always"));
    }
    if (template.obj("spec").has("activeDeadlineSeconds")) {
      causes.forbidden(
          "spec.template.spec.activeDeadlineSeconds",
          "activeDeadlineSeconds in ReplicationController is not Supported");
    }
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return PodWarnings.ofWorkload(updated, existing, "spec.template");
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.replicaSet(updated, causes);
  }
}
