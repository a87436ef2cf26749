package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;

/**
 * What of a claim may change: the volume and the class that it gets, once, and while it is bound,
 * how much it asks for and the class of its attributes. Pure.
 */
final class VolumeClaimUpdates {
  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";
  private static final String CLASS = "storageClassName";
  private static final String ATTRIBUTES = "volumeAttributesClassName";
  private static final String IMMUTABLE =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for"
          + " bound claims";

  private VolumeClaimUpdates() {}

  static void check(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    oldClass(updated, existing, causes);
    if (!withoutWhatMayChange(updated, existing).equals(before)) {
      causes.forbidden("spec", IMMUTABLE);
    }
    size(now, before, existing.obj("status"), causes);
    Checks.immutable(now, before, "volumeMode", "volumeMode", causes);
    if (before.has(ATTRIBUTES) && now.string(ATTRIBUTES).isEmpty()) {
      causes.forbidden(
          "spec." + ATTRIBUTES,
          "update from non-nil value to "
              + (now.has(ATTRIBUTES) ? "an empty string" : "nil")
              + " is forbidden");
    }
  }

  /** The class as an annotation says it, as was done before claims had a member for it. */
  private static void oldClass(Obj updated, Obj existing, Causes causes) {
    String now = annotation(updated);
    String before = annotation(existing);
    boolean moved = now.isEmpty() && isClassFrom(before, updated, existing);
    if (!now.equals(before) && !moved) {
      causes.invalid("metadata.annotations." + OLD_CLASS, now, Checks.IMMUTABLE);
    }
  }

  private static String annotation(Obj claim) {
    return claim.at("metadata", "annotations").string(OLD_CLASS);
  }

  private static boolean isClassFrom(String annotation, Obj updated, Obj existing) {
    return !annotation.isEmpty()
        && !existing.obj("spec").has(CLASS)
        && updated.obj("spec").string(CLASS).equals(annotation);
  }

  private static Obj withoutWhatMayChange(Obj updated, Obj existing) {
    Obj before = existing.obj("spec");
    Obj spec = updated.obj("spec");
    if (before.string("volumeName").isEmpty()) {
      spec = Defaults.copied(spec, before, "volumeName");
    }
    String annotation = annotation(existing);
    if (!before.has(CLASS) && (annotation.isEmpty() || spec.string(CLASS).equals(annotation))) {
      spec = spec.without(CLASS);
    }
    if (!existing.obj("status").string("phase").equals("Bound")) {
      return spec;
    }
    if (spec.has(ATTRIBUTES)) {
      spec = Defaults.copied(spec, before, ATTRIBUTES);
    }
    Obj asked = before.at("resources", "requests");
    return Defaults.changed(
        spec,
        "resources",
        resources ->
            Defaults.changed(resources, "requests", now -> Defaults.copied(now, asked, "storage")));
  }

  /** A growth that failed is taken back by asking for less, but for more than there already is. */
  private static void size(Obj now, Obj before, Obj status, Causes causes) {
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
}
