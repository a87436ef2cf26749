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
    sameSources(spec, path, causes);
  }

  private static void sameSources(Obj spec, String path, Causes causes) {
    if (!spec.has("dataSource") || !spec.has("dataSourceRef")) {
      return;
    }
    Obj older = spec.obj("dataSource");
    Obj newer = spec.obj("dataSourceRef");
    if (!newer.string("namespace").isEmpty()) {
      causes.invalid(
          path,
          path + ".dataSource",
          "may not be specified when dataSourceRef.namespace is specified");
      return;
    }
    for (String key : new String[] {"apiGroup", "kind", "name"}) {
      if (!older.string(key).equals(newer.string(key))) {
        causes.invalid(path, path + ".dataSource", "must match dataSourceRef");
        return;
      }
    }
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
    Obj before = withBothSources(existing).obj("spec");
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
      checkSize(now, before, existing.obj("status"), causes);
    }
    if (!open.equals(before)) {
      causes.forbidden("spec", IMMUTABLE);
    }
  }

  /** A growth that failed is taken back by asking for less, but for more than there already is. */
  private static void checkSize(Obj now, Obj before, Obj status, Causes causes) {
    Quantity asked = storage(now.at("resources", "requests"));
    Quantity had = storage(before.at("resources", "requests"));
    if (asked.compareTo(had) < 0 && asked.compareTo(storage(status.obj("capacity"))) <= 0) {
      causes.forbidden(
          "spec.resources.requests.storage", "field can not be less than status.capacity");
    }
  }

  private static Quantity storage(Obj amounts) {
    return amounts.get("storage").map(Quantity::of).orElse(Quantity.ZERO);
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.claim(updated, causes);
  }
}
