package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Persistent volumes. */
final class PersistentVolumeKind implements SpecAndStatus {
  private static final String SOURCE_CHANGED =
      "spec.persistentvolumesource is immutable after creation";
  private static final List<String> RECLAIM = List.of("Delete", "Recycle", "Retain");

  /** Members of the spec that are no volume source. */
  private static final Set<String> NOT_A_SOURCE =
      Set.of(
          "accessModes",
          "capacity",
          "claimRef",
          "mountOptions",
          "nodeAffinity",
          "persistentVolumeReclaimPolicy",
          "storageClassName",
          "volumeAttributesClassName",
          "volumeMode");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "PersistentVolume", "persistentvolumes")
          .shortNames("pv")
          .clusterScoped()
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Capacity", (pv, _) -> pv.at("spec", "capacity").string("storage")),
              Column.text("Access Modes", (pv, _) -> VolumeCells.accessModes(pv.obj("spec"))),
              Column.text(
                  "Reclaim Policy",
                  (pv, _) -> pv.obj("spec").string("persistentVolumeReclaimPolicy")),
              Column.text("Status", (pv, _) -> VolumeCells.phase(pv)),
              Column.text("Claim", (pv, _) -> claim(pv.at("spec", "claimRef"))),
              Column.text("StorageClass", (pv, _) -> pv.obj("spec").string("storageClassName")),
              Column.text(
                  "VolumeAttributesClass",
                  (pv, _) ->
                      VolumeCells.orUnset(pv.obj("spec").string("volumeAttributesClassName"))),
              Column.text("Reason", (pv, _) -> pv.obj("status").string("reason")),
              Column.AGE,
              Column.wide("VolumeMode", (pv, _) -> VolumeCells.mode(pv)))
          .strategy(new PersistentVolumeKind())
          .build();

  private PersistentVolumeKind() {}

  private static String claim(Obj reference) {
    return reference.isEmpty()
        ? ""
        : reference.string("namespace") + "/" + reference.string("name");
  }

  @Override
  public Obj defaults(Obj pv) {
    Obj made =
        pv.change(
            "spec",
            spec ->
                PodSpecDefaults.source(
                    putText(
                        putText(spec, "persistentVolumeReclaimPolicy", "Retain"),
                        "volumeMode",
                        "Filesystem")));
    return made;
  }

  @Override
  public Obj beforeCreate(Obj pv) {
    return pv.with("status", Obj.of("phase", "Pending"));
  }

  @Override
  public boolean hasGeneration() {
    return false;
  }

  @Override
  public void check(Obj pv, Causes causes) {
    Obj spec = pv.obj("spec");
    VolumeChecks.accessModes(spec, "spec", causes);
    Obj capacity = spec.obj("capacity");
    if (capacity.isEmpty()) {
      causes.required("spec.capacity", "");
    } else if (!capacity.has("storage") || capacity.size() > 1) {
      causes.notSupported("spec.capacity", capacity, List.of("storage"));
    }
    for (Obj.Entry entry : capacity) {
      String at = "spec.capacity[" + entry.key() + "]";
      Checks.quantity(entry.value(), at, causes)
          .filter(quantity -> quantity.compareTo(Quantity.ZERO) == 0)
          .ifPresent(_ -> causes.invalid(at, entry.value(), "must be greater than zero"));
    }
    Checks.oneOf(spec, "persistentVolumeReclaimPolicy", "spec", RECLAIM, causes);
    Checks.oneOf(spec, "volumeMode", "spec", VolumeChecks.MODES, causes);
    Obj sources = spec;
    for (String key : NOT_A_SOURCE) {
      sources = sources.without(key);
    }
    VolumeSourceChecks.check(sources, "spec", causes);
    if (spec.has("csi")) {
      Checks.required(spec.obj("csi"), "spec.csi", causes, "volumeHandle");
    }
    if (spec.has("nodeAffinity")) {
      String path = "spec.nodeAffinity.required";
      if (spec.obj("nodeAffinity").has("required")) {
        AffinityChecks.nodeSelector(spec.at("nodeAffinity", "required"), path, causes);
      } else {
        causes.required(path, "must specify required node constraints");
      }
    } else if (spec.has("local")) {
      causes.required("spec.nodeAffinity", "Local volume requires node affinity");
    }
    boolean whole = spec.obj("hostPath").string("path").equals("/");
    if (whole && spec.string("persistentVolumeReclaimPolicy").equals("Recycle")) {
      causes.forbidden(
          "spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
    }
    for (String name : List.of("storageClassName", "volumeAttributesClassName")) {
      if (!spec.string(name).isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(name), "spec." + name, causes);
      }
    }
  }

  private static List<String> sources(Obj spec) {
    List<String> sources = new ArrayList<>();
    for (Obj.Entry entry : spec) {
      if (!NOT_A_SOURCE.contains(entry.key())) {
        sources.add(entry.key());
      }
    }
    return sources;
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    for (String source : sources(before)) {
      if (!now.get(source).equals(before.get(source))) {
        causes.forbidden("spec.persistentvolumesource", SOURCE_CHANGED);
      }
    }
    Checks.immutable(now, before, "volumeMode", "spec.volumeMode", causes);
    if (before.has("nodeAffinity")) {
      Checks.immutable(now, before, "nodeAffinity", "spec.nodeAffinity", causes);
    }
  }
}
