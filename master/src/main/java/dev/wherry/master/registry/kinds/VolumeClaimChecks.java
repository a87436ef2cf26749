package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** What claims of volumes must be like, in Kubernetes' words. Pure. */
final class VolumeClaimChecks {
  private static final List<String> RESIZE =
      List.of(
          "ControllerResizeInProgress",
          "ControllerResizeInfeasible",
          "NodeResizeInProgress",
          "NodeResizeInfeasible",
          "NodeResizePending");

  private VolumeClaimChecks() {}

  /** The spec of a claim, or of a template of claims. */
  static void spec(Obj spec, String path, Causes causes) {
    VolumeChecks.accessModes(spec, path, "at least 1 access mode is required", causes);
    if (spec.has("selector")) {
      Labels.checkSelector(spec.obj("selector"), path + ".selector", causes);
    }
    String at = path + ".resources[storage]";
    spec.at("resources", "requests")
        .get("storage")
        .ifPresentOrElse(
            amount -> VolumeChecks.positive(amount, at, causes), () -> causes.required(at, ""));
    for (String key : List.of("storageClassName", "volumeAttributesClassName")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(key), path + "." + key, causes);
      }
    }
    Checks.oneOf(spec, "volumeMode", path, VolumeChecks.MODES, causes);
    source(spec, "dataSource", path, causes);
    source(spec, "dataSourceRef", path, causes);
    sameSources(spec, path, causes);
  }

  private static void source(Obj spec, String key, String path, Causes causes) {
    if (!spec.has(key)) {
      return;
    }
    Obj source = spec.obj(key);
    String at = path + "." + key;
    Checks.required(source, at, causes, "name", "kind");
    String kind = source.string("kind");
    String group = source.string("apiGroup");
    if (group.isEmpty() && !kind.equals("PersistentVolumeClaim")) {
      causes.invalid(
          at, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
    if (!group.isEmpty()) {
      Checks.name(NameRule.DNS_SUBDOMAIN, group, at + ".apiGroup", causes);
    }
    if (!source.string("namespace").isEmpty()) {
      Checks.name(NameRule.DNS_LABEL, source.string("namespace"), at + ".namespace", causes);
    }
  }

  private static void sameSources(Obj spec, String path, Causes causes) {
    if (!spec.has("dataSource") || !spec.has("dataSourceRef")) {
      return;
    }
    Obj older = spec.obj("dataSource");
    Obj newer = spec.obj("dataSourceRef");
    String shown = path + ".dataSource";
    if (!newer.string("namespace").isEmpty()) {
      causes.invalid(path, shown, "may not be specified when dataSourceRef.namespace is specified");
      return;
    }
    for (String key : List.of("apiGroup", "kind", "name")) {
      if (!older.string(key).equals(newer.string(key))) {
        causes.invalid(path, shown, "must match dataSourceRef");
        return;
      }
    }
  }

  /** What there is of a claim, and how far its growth has come. */
  static void status(Obj status, Causes causes) {
    for (Obj.Entry each : status.obj("capacity")) {
      VolumeChecks.amount(each.value(), "status.capacity[" + each.key() + "]", causes);
    }
    String resizing = "status.allocatedResourceStatus";
    for (Obj.Entry each : status.obj("allocatedResourceStatuses")) {
      boolean _ = resource(each.key(), resizing, causes);
      if (!RESIZE.contains(String.valueOf(each.value()))) {
        causes.notSupported(resizing, each.key(), RESIZE);
      }
    }
    String allocated = "status.allocatedResources";
    for (Obj.Entry each : status.obj("allocatedResources")) {
      if (resource(each.key(), allocated, causes)) {
        VolumeChecks.amount(each.value(), allocated + "[" + each.key() + "]", causes);
      }
    }
  }

  /** Whether a claim can have this resource; of Kubernetes' own that is storage alone. */
  private static boolean resource(String name, String path, Causes causes) {
    Causes own = new Causes();
    Labels.checkQualifiedName(name, path, own);
    boolean isNative = !name.contains("/") || name.contains("kubernetes.io/");
    if (own.isEmpty() && isNative && !name.equals("storage")) {
      own.notSupported(path, name, List.of("storage"));
    }
    own.list().forEach(causes::add);
    return own.isEmpty();
  }
}
