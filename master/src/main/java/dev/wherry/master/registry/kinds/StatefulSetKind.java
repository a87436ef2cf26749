package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Stateful sets. */
final class StatefulSetKind implements SpecAndStatus {
  private static final List<String> CHANGEABLE =
      List.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "revisionHistoryLimit",
          "persistentVolumeClaimRetentionPolicy",
          "minReadySeconds");
  private static final List<String> RETENTION = List.of("Retain", "Delete");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "StatefulSet", "statefulsets")
          .shortNames("sts")
          .categories("all")
          .withStatus()
          .withScale()
          .columns(
              Column.NAME,
              Column.text(
                  "Ready",
                  (set, _) ->
                      set.obj("status").number("readyReplicas", 0)
                          + "/"
                          + set.obj("spec").number("replicas", 0)),
              Column.AGE)
          .moreColumns(Cells.ofTemplate().subList(0, 2))
          .strategy(new StatefulSetKind())
          .build();

  private StatefulSetKind() {}

  /** Its pods are called by its name, and their names are host names. */
  @Override
  public NameRule nameRule() {
    return NameRule.DNS_LABEL;
  }

  @Override
  public Obj defaults(Obj set) {
    return set.change("spec", StatefulSetKind::spec);
  }

  private static Obj spec(Obj given) {
    Obj spec = putText(given, "podManagementPolicy", "OrderedReady");
    spec = spec.change("updateStrategy", StatefulSetKind::updateStrategy);
    spec =
        spec.change(
            "persistentVolumeClaimRetentionPolicy",
            policy -> putText(putText(policy, "whenDeleted", "Retain"), "whenScaled", "Retain"));
    spec = put(spec, "replicas", 1L);
    spec = put(spec, "revisionHistoryLimit", 10L);
    spec = Defaults.changedItems(spec, "volumeClaimTemplates", StatefulSetKind::claim);
    return Defaults.changed(spec, "template", PodSpecDefaults::template);
  }

  private static Obj updateStrategy(Obj given) {
    Obj strategy = putText(given, "type", "RollingUpdate");
    return strategy.string("type").equals("RollingUpdate")
        ? strategy.change(
            "rollingUpdate", rolling -> put(put(rolling, "partition", 0L), "maxUnavailable", 1L))
        : strategy;
  }

  private static Obj claim(Obj given) {
    Obj claim = put(put(given, "apiVersion", "v1"), "kind", "PersistentVolumeClaim");
    claim = claim.change("spec", spec -> putText(spec, "volumeMode", "Filesystem"));
    return claim.change("status", status -> putText(status, "phase", "Pending"));
  }

  @Override
  public Obj beforeCreate(Obj set) {
    return set.with("status", Obj.of("replicas", 0L, "availableReplicas", 0L));
  }

  @Override
  public void check(Obj set, Causes causes) {
    Obj spec = set.obj("spec");
    String order = spec.string("podManagementPolicy");
    if (!List.of("OrderedReady", "Parallel").contains(order)) {
      causes.invalid("spec.podManagementPolicy", order, "must be 'OrderedReady' or 'Parallel'");
    }
    updates(spec.obj("updateStrategy"), causes);
    Checks.notNegative(spec.obj("ordinals"), "start", "spec.ordinals", causes);
    WorkloadChecks.check(set.with("spec", asRun(spec)), "statefulset", "StatefulSet", causes);
    Obj retention = spec.obj("persistentVolumeClaimRetentionPolicy");
    String path = "spec.persistentVolumeClaimRetentionPolicy";
    Checks.oneOf(retention, "whenDeleted", path, RETENTION, causes);
    Checks.oneOf(retention, "whenScaled", path, RETENTION, causes);
  }

  /** What no update changes is not looked at again. */
  @Override
  public void checkNew(Obj set, Causes causes) {
    Obj spec = set.obj("spec");
    String service = spec.string("serviceName");
    if (!service.isEmpty()) {
      Checks.name(NameRule.DNS_LABEL, service, "spec.serviceName", causes);
    }
    claims(spec.objs("volumeClaimTemplates"), causes);
  }

  private static void updates(Obj strategy, Causes causes) {
    String path = "spec.updateStrategy";
    Obj rolling = strategy.obj("rollingUpdate");
    switch (strategy.string("type")) {
      case "RollingUpdate" -> rolling(rolling, path + ".rollingUpdate", causes);
      case "OnDelete" -> {
        if (strategy.has("rollingUpdate")) {
          causes.invalid(
              path + ".rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'");
        }
      }
      default -> causes.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
    }
  }

  private static void rolling(Obj rolling, String path, Causes causes) {
    Checks.notNegative(rolling, "partition", path, causes);
    Object unavailable = rolling.get("maxUnavailable").orElse(1L);
    Checks.countOrPercent(unavailable, path + ".maxUnavailable", causes);
    if (Checks.isZero(unavailable)) {
      causes.invalid(path + ".maxUnavailable", unavailable, "cannot be 0");
    }
    Checks.notMoreThanAll(unavailable, path + ".maxUnavailable", causes);
  }

  /** Claims that could not be made would leave the set without pods, and nobody told why. */
  private static void claims(List<Obj> claims, Causes causes) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < claims.size(); i++) {
      String path = "spec.volumeClaimTemplates[" + i + "]";
      String name = claims.get(i).obj("metadata").string("name");
      Checks.name(NameRule.DNS_LABEL, name, path + ".metadata.name", causes);
      if (!name.isEmpty() && !names.add(name)) {
        causes.duplicate(path + ".metadata.name", name);
      }
      VolumeClaimChecks.spec(claims.get(i).obj("spec"), path + ".spec", causes);
    }
  }

  /**
   * The spec as its pods will be: with the volumes that the claim templates give them, and without
   * the host name and subdomain, in whose stead they get their own.
   */
  private static Obj asRun(Obj spec) {
    Obj pod = spec.at("template", "spec");
    if (pod.isEmpty()) {
      return spec;
    }
    Obj run = pod.without("hostname").without("subdomain");
    List<Obj> claims = spec.objs("volumeClaimTemplates");
    if (!claims.isEmpty()) {
      run = run.with("volumes", volumes(pod, claims));
    }
    return spec.withAt(run, "template", "spec");
  }

  private static List<Object> volumes(Obj pod, List<Obj> claims) {
    Map<String, Object> volumes = new LinkedHashMap<>();
    pod.objs("volumes").forEach(volume -> volumes.put(volume.string("name"), volume));
    for (Obj claim : claims) {
      String name = claim.obj("metadata").string("name");
      Obj source = Obj.of("claimName", name);
      volumes.put(name, Obj.of("name", name, "persistentVolumeClaim", source));
    }
    return List.copyOf(volumes.values());
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    if (!fixed(updated.obj("spec")).equals(fixed(existing.obj("spec")))) {
      causes.forbidden(
          "spec",
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template',"
              + " 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy'"
              + " and 'minReadySeconds' are forbidden");
    }
  }

  private static Obj fixed(Obj spec) {
    Obj rest = spec;
    for (String key : CHANGEABLE) {
      rest = rest.without(key);
    }
    return rest;
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    List<String> warnings =
        new ArrayList<>(PodWarnings.ofTemplate(updated, existing, "spec.template"));
    Obj spec = updated.obj("spec");
    Checks.each(
        spec.objs("volumeClaimTemplates"),
        "spec.volumeClaimTemplates",
        (claim, at) -> {
          Obj requests = claim.at("spec", "resources", "requests");
          ContainerWarnings.fraction(requests, "storage", at + ".resources.requests", warnings);
        });
    if (spec.number("revisionHistoryLimit", 0) < 0) {
      warnings.add(
          "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value"
              + " >= 0 is recommended");
    }
    return warnings;
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    WorkloadStatusChecks.statefulSet(updated, existing, causes);
  }
}
