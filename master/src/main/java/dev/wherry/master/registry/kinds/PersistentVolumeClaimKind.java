package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;

/** Persistent volume claims. */
final class PersistentVolumeClaimKind implements SpecAndStatus {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
          .returnsDeleted()
          .shortNames("pvc")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Status", (claim, _) -> VolumeCells.phase(claim)),
              Column.text("Volume", (claim, _) -> claim.obj("spec").string("volumeName")),
              Column.text(
                  "Capacity", (claim, _) -> claim.at("status", "capacity").string("storage")),
              Column.text(
                  "Access Modes", (claim, _) -> VolumeCells.accessModes(claim.obj("status"))),
              Column.text(
                  "StorageClass", (claim, _) -> claim.obj("spec").string("storageClassName")),
              Column.text(
                  "VolumeAttributesClass",
                  (claim, _) ->
                      VolumeCells.orUnset(claim.obj("spec").string("volumeAttributesClassName"))),
              Column.AGE,
              Column.wide("VolumeMode", (claim, _) -> VolumeCells.mode(claim)))
          .strategy(new PersistentVolumeClaimKind())
          .build();

  private PersistentVolumeClaimKind() {}

  @Override
  public Obj defaults(Obj claim) {
    return claim.change("spec", spec -> putText(spec, "volumeMode", "Filesystem"));
  }

  @Override
  public Obj beforeCreate(Obj claim) {
    Obj spec = claim.obj("spec");
    Obj kept = isOldSource(spec.obj("dataSource")) ? claim : withoutSource(claim);
    return withBothSources(kept).with("status", Obj.of("phase", "Pending"));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return withBothSources(Defaults.copied(updated, existing, "status"));
  }

  /** Whether {@code dataSource}, the older of the two members, can name an object of this kind. */
  private static boolean isOldSource(Obj source) {
    return switch (source.string("kind")) {
      case "PersistentVolumeClaim" -> source.string("apiGroup").isEmpty();
      case "VolumeSnapshot" -> source.string("apiGroup").equals("snapshot.storage.k8s.io");
      default -> false;
    };
  }

  private static Obj withoutSource(Obj claim) {
    return Defaults.changed(claim, "spec", spec -> spec.without("dataSource"));
  }

  /**
   * The claim with both members for where its data come from, when it has one of them: what clients
   * wrote into one, older or newer drivers read from the other. An object of another namespace
   * stands in the newer alone.
   */
  private static Obj withBothSources(Obj claim) {
    return Defaults.changed(
        claim,
        "spec",
        spec -> {
          if (spec.has("dataSource") && !spec.has("dataSourceRef")) {
            return spec.with("dataSourceRef", spec.obj("dataSource"));
          }
          Obj newer = spec.obj("dataSourceRef");
          boolean same = newer.string("namespace").isEmpty() && !spec.has("dataSource");
          return spec.has("dataSourceRef") && same
              ? spec.with("dataSource", newer.without("namespace"))
              : spec;
        });
  }

  @Override
  public boolean hasGeneration() {
    return false;
  }

  @Override
  public void check(Obj claim, Causes causes) {
    VolumeClaimChecks.spec(claim.obj("spec"), "spec", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    VolumeClaimUpdates.check(
        updated, existing.with("spec", withBothSources(existing).obj("spec")), causes);
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    VolumeClaimChecks.status(updated.obj("status"), causes);
  }
}
