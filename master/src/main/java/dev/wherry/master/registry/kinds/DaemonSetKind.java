package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;

/** Daemon sets. */
final class DaemonSetKind implements SpecAndStatus {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "DaemonSet", "daemonsets")
          .shortNames("ds")
          .categories("all")
          .withStatus()
          .columns(
              Column.NAME,
              count("Desired", "desiredNumberScheduled"),
              count("Current", "currentNumberScheduled"),
              count("Ready", "numberReady"),
              count("Up-to-date", "updatedNumberScheduled"),
              count("Available", "numberAvailable"),
              Column.text(
                  "Node Selector",
                  (set, _) ->
                      Cells.labels(set.at("spec", "template", "spec").stringMap("nodeSelector"))),
              Column.AGE)
          .moreColumns(Cells.ofTemplate())
          .strategy(new DaemonSetKind())
          .build();

  private DaemonSetKind() {}

  private static Column count(String name, String key) {
    return Column.number(name, (set, _) -> set.obj("status").number(key, 0));
  }

  @Override
  public Obj defaults(Obj set) {
    return set.change("spec", DaemonSetKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = given.change("updateStrategy", DaemonSetKind::updateStrategy);
    spec = put(spec, "revisionHistoryLimit", 10L);
    return Defaults.changed(spec, "template", PodSpecDefaults::template);
  }

  private static Obj updateStrategy(Obj given) {
    Obj strategy = putText(given, "type", "RollingUpdate");
    return strategy.string("type").equals("RollingUpdate")
        ? strategy.change(
            "rollingUpdate", rolling -> put(put(rolling, "maxUnavailable", 1L), "maxSurge", 0L))
        : strategy;
  }

  @Override
  public Obj beforeCreate(Obj set) {
    return set.with(
        "status",
        Obj.builder()
            .put("currentNumberScheduled", 0L)
            .put("numberMisscheduled", 0L)
            .put("desiredNumberScheduled", 0L)
            .put("numberReady", 0L)
            .build());
  }

  @Override
  public void check(Obj set, Causes causes) {
    WorkloadChecks.check(set, "daemonset", "DaemonSet", causes);
    Obj spec = set.obj("spec");
    Checks.notNegative(spec, "revisionHistoryLimit", "spec", causes);
    Obj strategy = spec.obj("updateStrategy");
    switch (strategy.string("type")) {
      case "RollingUpdate" -> rolling(strategy.obj("rollingUpdate"), causes);
      case "OnDelete" -> {}
      default ->
          causes.notSupported(
              "spec.updateStrategy", strategy, List.of("RollingUpdate", "OnDelete"));
    }
  }

  private static void rolling(Obj rolling, Causes causes) {
    String path = "spec.updateStrategy.rollingUpdate";
    Object unavailable = rolling.get("maxUnavailable").orElse(0L);
    Object surge = rolling.get("maxSurge").orElse(0L);
    Checks.countOrPercent(unavailable, path + ".maxUnavailable", causes);
    Checks.countOrPercent(surge, path + ".maxSurge", causes);
    Checks.notMoreThanAll(unavailable, path + ".maxUnavailable", causes);
    Checks.notMoreThanAll(surge, path + ".maxSurge", causes);
    boolean hasUnavailable = !Checks.isZero(unavailable);
    boolean hasSurge = !Checks.isZero(surge);
    if (hasUnavailable && hasSurge) {
      causes.invalid(path + ".maxSurge", surge, "may not be set when maxUnavailable is non-zero");
    } else if (!hasUnavailable && !hasSurge) {
      causes.required(path + ".maxUnavailable", "cannot be 0 when maxSurge is 0");
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadChecks.checkUpdate(updated, existing, causes);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return PodWarnings.ofTemplate(updated, existing, "spec.template");
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.daemonSet(updated, existing, causes);
  }
}
