package dev.wherry.master.registry;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ObjectWriter.Edited;
import dev.wherry.master.registry.ownership.ApplyPlan;
import dev.wherry.master.registry.ownership.ApplyPlan.Applier;
import dev.wherry.master.registry.ownership.ApplyPlan.Applier.Ownership;
import dev.wherry.master.registry.ownership.LastApplied;
import dev.wherry.master.registry.ownership.ListFlaws;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Server-side apply: creates what is not there, else merges by who has set what. Thread-safe. */
final class ObjectApplier {
  private static final String STATUS = "status";
  private static final String SCALE = "scale";

  private final ObjectWriter writer;
  private final ObjectCache cache;
  private final ObjectSchema schema;
  private final Incoming incoming;
  private final InstantSource clock;

  ObjectApplier(ObjectWriter writer, ObjectCache cache, ObjectSchema schema, InstantSource clock) {
    this.writer = writer;
    this.cache = cache;
    this.schema = schema;
    this.incoming = new Incoming(schema);
    this.clock = clock;
  }

  Obj apply(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options,
      Gate gate) {
    Obj config = config(definition, key, subresource, patch, options);
    Obj asked = patch.body() instanceof Obj body ? body.obj("metadata") : Obj.EMPTY;
    if (subresource.isEmpty() && cache.get(definition.resource(), key).isEmpty()) {
      Optional<Obj> created = create(definition, key, config, options, gate);
      if (created.isPresent()) {
        Creations.tell();
        return created.get();
      }
    }
    return writer.modify(
        definition,
        key,
        subresource,
        (_, existing) -> {
          ApplyPlan plan = plan(definition, subresource, existing, config, options);
          boolean scale = subresource.equals(SCALE);
          Obj view = scale ? Scales.of(plan.object()) : plan.object();
          return new Edited(asOf(view, asked), Optional.of(plan.managedFields()));
        },
        options.accepted(),
        gate);
  }

  /** The object as one of the version and uid that the client names, where it does. */
  private static Obj asOf(Obj object, Obj asked) {
    Obj named = object;
    for (String member : List.of("resourceVersion", "uid")) {
      if (!asked.string(member).isEmpty()) {
        named = named.withAt(asked.string(member), "metadata", member);
      }
    }
    return named;
  }

  /** What the client applies, checked, with the part alone that this path may set. */
  private Obj config(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    if (!List.of("", STATUS, SCALE).contains(subresource)) {
      throw StatusException.of(
          Reason.UNSUPPORTED_MEDIA_TYPE, "apply is not served for the subresource " + subresource);
    }
    if (options.fieldManager().isEmpty()) {
      throw StatusException.invalid(
          "meta.k8s.io",
          "PatchOptions",
          "",
          List.of(Cause.required("fieldManager", "is required for apply patch")));
    }
    if (!(patch.body() instanceof Obj body)) {
      throw StatusException.badRequest("an apply configuration is an object");
    }
    if (!body.obj("metadata").list("managedFields").isEmpty()) {
      throw StatusException.badRequest("metadata.managedFields must be nil");
    }
    if (subresource.equals(SCALE)) {
      return ofScale(definition, key, incoming.applied(Scales.TYPE, key, body, options));
    }
    Obj config = incoming.applied(definition.groupVersionKind(), key, body, options);
    Incoming.checkNames(definition, key, config);
    if (subresource.equals(STATUS)) {
      return Obj.of(
          "kind",
          definition.kind(),
          "apiVersion",
          definition.apiVersion(),
          "metadata",
          Obj.EMPTY,
          STATUS,
          config.obj(STATUS));
    }
    return definition.subresource(STATUS).isPresent() ? config.without(STATUS) : config;
  }

  /** What an apply of the scale sets of the object itself, whose fields are counted. */
  private static Obj ofScale(ResourceDefinition definition, ObjectKey key, Obj scale) {
    Incoming.checkNames(definition, key, scale);
    Obj spec = scale.obj("spec");
    return Obj.of(
        "kind",
        definition.kind(),
        "apiVersion",
        definition.apiVersion(),
        "metadata",
        Obj.EMPTY,
        "spec",
        spec.has("replicas") ? Obj.of("replicas", spec.number("replicas", 0)) : Obj.EMPTY);
  }

  private Optional<Obj> create(
      ResourceDefinition definition, ObjectKey key, Obj config, WriteOptions options, Gate gate) {
    String uid = config.obj("metadata").string("uid");
    if (!uid.isEmpty()) {
      throw StatusException.conflict(
          definition.resource(),
          key.name(),
          "uid mismatch: the provided object specified uid "
              + uid
              + ", and no existing object was found");
    }
    ApplyPlan plan = plan(definition, "", Obj.EMPTY, config, options);
    return writer.createNamed(definition, key, config, plan.managedFields(), options, gate);
  }

  private ApplyPlan plan(
      ResourceDefinition definition,
      String subresource,
      Obj existing,
      Obj config,
      WriteOptions options) {
    TypeSchema type = schema.type(definition.groupVersionKind());
    Obj typed = config.with("apiVersion", definition.apiVersion());
    List<String> flaws = ListFlaws.of(type, typed);
    if (!flaws.isEmpty()) {
      throw Incoming.untyped(definition.groupVersionKind(), ObjectKey.of(config), flaws);
    }
    Ownership ownership = options.force() ? Ownership.FORCED : Ownership.RESPECTED;
    Applier applier = new Applier(options.fieldManager(), subresource, ownership);
    ApplyPlan plan = ApplyPlan.of(type, existing, typed, applier, clock.instant());
    boolean kubectl = subresource.isEmpty() && options.fieldManager().equals(LastApplied.KUBECTL);
    if (!plan.conflicts().isEmpty()) {
      List<Cause> conflicts =
          kubectl ? LastApplied.others(type, existing, plan.conflicts()) : plan.conflicts();
      if (!conflicts.isEmpty()) {
        throw StatusException.applyConflict(conflicts);
      }
      Applier itself = new Applier(options.fieldManager(), subresource, Ownership.FORCED);
      plan = ApplyPlan.of(type, existing, typed, itself, clock.instant());
    }
    return kubectl ? plan.withObject(LastApplied.renewed(plan.object(), typed)) : plan;
  }
}
