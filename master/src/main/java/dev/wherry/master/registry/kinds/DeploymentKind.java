package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Deployments. */
final class DeploymentKind implements Strategy {
  private static final String QUARTER = "25%";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "Deployment", "deployments")
          .shortNames("deploy")
          .categories("all")
          .withStatus()
          .withScale()
          .columns(
              Column.NAME,
              Column.text(
                  "Ready",
                  (deployment, _) ->
                      status(deployment, "readyReplicas")
                          + "/"
                          + deployment.obj("spec").number("replicas", 0)),
              Column.number("Up-to-date", (deployment, _) -> status(deployment, "updatedReplicas")),
              Column.number(
                  "Available", (deployment, _) -> status(deployment, "availableReplicas")),
              Column.AGE)
          .moreColumns(Cells.ofTemplate())
          .strategy(new DeploymentKind())
          .build();

  private DeploymentKind() {}

  private static long status(Obj deployment, String key) {
    return deployment.obj("status").number(key, 0);
  }

  @Override
  public Obj defaults(Obj deployment) {
    return deployment.change("spec", DeploymentKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = put(given, "replicas", 1L);
    spec = spec.change("strategy", DeploymentKind::strategy);
    spec = put(spec, "revisionHistoryLimit", 10L);
    spec = put(spec, "progressDeadlineSeconds", 600L);
    return Defaults.changed(spec, "template", PodSpecDefaults::template);
  }

  private static Obj strategy(Obj given) {
    Obj strategy = putText(given, "type", "RollingUpdate");
    return strategy.string("type").equals("RollingUpdate")
        ? strategy.change(
            "rollingUpdate",
            rolling -> put(put(rolling, "maxUnavailable", QUARTER), "maxSurge", QUARTER))
        : strategy;
  }

  @Override
  public Obj beforeCreate(Obj deployment) {
    return deployment.with("status", Obj.EMPTY);
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(updated, existing, "status");
  }

  @Override
  public void check(Obj deployment, Causes causes) {
    WorkloadChecks.check(deployment, "deployment", "ReplicaSet", causes);
    Obj spec = deployment.obj("spec");
    Checks.notNegative(spec, "revisionHistoryLimit", "spec", causes);
    Checks.notNegative(spec, "progressDeadlineSeconds", "spec", causes);
    long deadline = spec.number("progressDeadlineSeconds", 0);
    if (deadline <= spec.number("minReadySeconds", 0)) {
      causes.invalid(
          "spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }
    Obj strategy = spec.obj("strategy");
    switch (strategy.string("type")) {
      case "Recreate" -> {
        if (strategy.has("rollingUpdate")) {
          causes.forbidden(
              "spec.strategy.rollingUpdate",
              "may not be specified when strategy `type` is 'Recreate'");
        }
      }
      case "RollingUpdate" -> rolling(strategy.obj("rollingUpdate"), causes);
      default ->
          causes.notSupported(
              "spec.strategy.type", strategy.string("type"), List.of("Recreate", "RollingUpdate"));
    }
  }

  private static void rolling(Obj rolling, Causes causes) {
    String path = "spec.strategy.rollingUpdate";
    Object unavailable = rolling.get("maxUnavailable").orElse(0L);
    Object surge = rolling.get("maxSurge").orElse(0L);
    Checks.countOrPercent(unavailable, path + ".maxUnavailable", causes);
    Checks.countOrPercent(surge, path + ".maxSurge", causes);
    if (Checks.isZero(unavailable) && Checks.isZero(surge)) {
      causes.invalid(path + ".maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0");
    }
    Checks.notMoreThanAll(unavailable, path + ".maxUnavailable", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadChecks.checkUpdate(updated, existing, causes);
  }

  /**
   * The controller writes the revision, an annotation, with the status: it is no new generation.
   */
  @Override
  public Obj beforeStatusUpdate(Obj updated, Obj existing) {
    Obj annotations = updated.at("metadata", "annotations");
    return existing
        .with("status", updated.obj("status"))
        .change(
            "metadata",
            metadata ->
                annotations.isEmpty() ? metadata : metadata.with("annotations", annotations));
  }

  @Override
  public boolean hasGeneration() {
    return true;
  }

  @Override
  public boolean changesGeneration(Obj updated, Obj existing) {
    return !updated.obj("spec").equals(existing.obj("spec"))
        || !updated.at("metadata", "annotations").equals(existing.at("metadata", "annotations"));
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return PodWarnings.ofWorkload(updated, existing, "spec.template");
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.deployment(updated, existing, causes);
  }
}
