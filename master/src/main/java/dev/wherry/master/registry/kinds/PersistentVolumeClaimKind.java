package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.Optional;

/** Persistent volume claims. */
final class PersistentVolumeClaimKind implements SpecAndStatus {
  private static final String IMMUTABLE =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for"
          + " bound claims";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
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
    return claim.with("status", Obj.of("phase", "Pending"));
  }

  @Override
  public boolean hasGeneration() {
    return false;
  }

  @Override
  public void check(Obj claim, Causes causes) {
    checkSpec(claim.obj("spec"), "spec", causes);
  }

  /** The spec of a claim, or of a template of claims. */
  static void checkSpec(Obj spec, String path, Causes causes) {
    VolumeChecks.accessModes(spec, path, causes);
    if (spec.has("selector")) {
      Labels.checkSelector(spec.obj("selector"), path + ".selector", causes);
    }
    Optional<Object> storage = spec.at("resources", "requests").get("storage");
    String at = path + ".resources[storage]";
    if (storage.isEmpty()) {
      causes.required(at, "");
    } else {
      Checks.quantity(storage.get(), at, causes)
          .filter(quantity -> quantity.compareTo(Quantity.ZERO) == 0)
          .ifPresent(_ -> causes.invalid(at, storage.get(), "must be greater than zero"));
    }
    String name = spec.string("storageClassName");
    if (!name.isEmpty()) {
      Checks.name(NameRule.DNS_SUBDOMAIN, name, path + ".storageClassName", causes);
    }
    Checks.oneOf(spec, "volumeMode", path, VolumeChecks.MODES, causes);
    source(spec, "dataSource", path, causes);
    source(spec, "dataSourceRef", path, causes);
  }

  private static void source(Obj spec, String key, String path, Causes causes) {
    if (!spec.has(key)) {
      return;
    }
    Obj source = spec.obj(key);
    Checks.required(source, path + "." + key, causes, "name", "kind");
    String kind = source.string("kind");
    if (source.string("apiGroup").isEmpty() && !kind.equals("PersistentVolumeClaim")) {
      causes.invalid(
          path + "." + key,
          kind,
          "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    // Binding sets the volume's name, and a class that came later its own, once.
    Obj open = now;
    for (String key : new String[] {"volumeName", "storageClassName"}) {
      if (before.string(key).isEmpty()) {
        open = Defaults.copied(open, before, key);
      }
    }
    boolean bound = existing.obj("status").string("phase").equals("Bound");
    if (bound) {
      open = Defaults.copied(open, before, "volumeAttributesClassName");
      open = Defaults.copied(open, before, "resources");
      checkGrows(now, before, causes);
    }
    if (!open.equals(before)) {
      causes.forbidden("spec", IMMUTABLE);
    }
  }

  private static void checkGrows(Obj now, Obj before, Causes causes) {
    Object asked = now.at("resources", "requests").get("storage").orElse("0");
    Object had = before.at("resources", "requests").get("storage").orElse("0");
    if (Quantity.of(asked).compareTo(Quantity.of(had)) < 0) {
      causes.forbidden(
          "spec.resources.requests.storage", "field can not be less than status.capacity");
    }
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.claim(updated, causes);
  }
}
