package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Replica sets. */
final class ReplicaSetKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "ReplicaSet", "replicasets")
          .shortNames("rs")
          .categories("all")
          .withStatus()
          .withScale()
          .columns(
              Column.NAME,
              Column.number("Desired", (set, _) -> set.obj("spec").number("replicas", 0)),
              Column.number("Current", (set, _) -> set.obj("status").number("replicas", 0)),
              Column.number("Ready", (set, _) -> set.obj("status").number("readyReplicas", 0)),
              Column.AGE)
          .moreColumns(Cells.ofTemplate())
          .field("status.replicas", set -> "" + set.obj("status").number("replicas", 0))
          .strategy(new ReplicaSetKind())
          .build();

  private ReplicaSetKind() {}

  @Override
  public Obj defaults(Obj set) {
    return set.change(
        "spec",
        spec -> Defaults.changed(put(spec, "replicas", 1L), "template", PodSpecDefaults::template));
  }

  @Override
  public Obj beforeCreate(Obj set) {
    return set.with("status", Obj.of("replicas", 0));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(updated, existing, "status");
  }

  @Override
  public void check(Obj set, Causes causes) {
    WorkloadChecks.check(set, "deployment", "ReplicaSet", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadChecks.checkUpdate(updated, existing, causes);
  }

  @Override
  public boolean hasGeneration() {
    return true;
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
