package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.Subresource.Behaviour;
import java.util.ArrayList;
import java.util.List;

/** Namespaces. One lingers while {@code spec.finalizers} holds it: its contents go first. */
final class NamespaceKind implements Strategy {
  private static final GroupVersionKind TYPE = new GroupVersionKind("", "v1", "Namespace");
  private static final String FINALIZER = "kubernetes";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Namespace", "namespaces")
          .shortNames("ns")
          .clusterScoped()
          .verbs("create", "delete", "get", "list", "patch", "update", "watch")
          .withStatus()
          .subresource(
              "finalize",
              TYPE,
              new Behaviour.Part(part -> part, NamespaceKind::finalized),
              "update")
          .columns(
              Column.NAME,
              Column.text("Status", (namespace, _) -> namespace.obj("status").string("phase")),
              Column.AGE)
          .field("status.phase")
          .strategy(new NamespaceKind())
          .build();

  private NamespaceKind() {}

  @Override
  public NameRule nameRule() {
    return NameRule.DNS_LABEL;
  }

  @Override
  public Obj defaults(Obj namespace) {
    return namespace.withAt(
        Meta.of(namespace).name(), "metadata", "labels", "kubernetes.io/metadata.name");
  }

  @Override
  public Obj beforeCreate(Obj namespace) {
    List<Object> finalizers = new ArrayList<>(namespace.obj("spec").list("finalizers"));
    if (!finalizers.contains(FINALIZER)) {
      finalizers.add(FINALIZER);
    }
    return namespace
        .withAt(finalizers, "spec", "finalizers")
        .with("status", Obj.of("phase", "Active"));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(Defaults.copied(updated, existing, "spec"), existing, "status");
  }

  @Override
  public void check(Obj namespace, Causes causes) {
    List<String> finalizers = namespace.obj("spec").strings("finalizers");
    for (int i = 0; i < finalizers.size(); i++) {
      Labels.checkFinalizer(finalizers.get(i), "spec.finalizers[" + i + "]", causes);
    }
  }

  private static Obj finalized(Obj part, Obj namespace) {
    return namespace.withAt(part.obj("spec").list("finalizers"), "spec", "finalizers");
  }

  @Override
  public Obj beforeTermination(Obj namespace) {
    return namespace.withAt("Terminating", "status", "phase");
  }

  @Override
  public boolean isHeld(Obj namespace) {
    return !namespace.obj("spec").list("finalizers").isEmpty();
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.namespace(updated, causes);
  }
}
