package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;

/** Persistent volumes. */
final class PersistentVolumeKind implements SpecAndStatus {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "PersistentVolume", "persistentvolumes")
          .returnsDeleted()
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
    PersistentVolumeChecks.check(pv.obj("spec"), "spec", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    PersistentVolumeChecks.checkUpdate(updated.obj("spec"), existing.obj("spec"), causes);
  }
}
