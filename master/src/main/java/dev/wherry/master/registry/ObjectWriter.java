package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Subresource.Behaviour;
import dev.wherry.master.registry.ownership.ManagedFields;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Creates, changes and deletes objects. A change is made from the object as it is; when another
 * writer was quicker it is made again from what that one wrote, up to {@value #MAX_ATTEMPTS} times.
 * Thread-safe.
 */
final class ObjectWriter {
  private static final int MAX_ATTEMPTS = 64;
  private static final int MAX_NAME_ATTEMPTS = 8;
  private static final ManagedFields NOBODY = new ManagedFields(List.of());

  /**
   * An object after a change.
   *
   * @param owners who has set which field, where the change says so itself
   */
  record Edited(Obj object, Optional<ManagedFields> owners) {
    static Edited of(Obj object) {
      return new Edited(object, Optional.empty());
    }
  }

  /** A change, made from the object as it is; again when another writer was quicker. */
  interface Edit {
    /**
     * The changed view of this object.
     *
     * @param view what the subresource shows of it; itself where there is none
     */
    Edited changed(Obj view, Obj existing);
  }

  private final ObjectCache cache;
  private final Commits commits;
  private final FieldOwners owners;
  private final Incoming incoming;
  private final Reservations reservations;
  private final InstantSource clock;

  ObjectWriter(
      ObjectCache cache,
      Commits commits,
      ObjectSchema schema,
      Reservations reservations,
      InstantSource clock) {
    this.cache = cache;
    this.commits = commits;
    this.owners = new FieldOwners(schema, clock);
    this.incoming = new Incoming(schema);
    this.reservations = reservations;
    this.clock = clock;
  }

  Obj create(
      ResourceDefinition definition, ObjectKey key, Obj body, WriteOptions options, Gate gate) {
    Obj object = incoming.accepted(definition.groupVersionKind(), body, options);
    String namespace =
        definition.isNamespaced() && key.namespace().isEmpty()
            ? object.obj("metadata").string("namespace")
            : key.namespace();
    ObjectKey asked = new ObjectKey(definition.isNamespaced() ? namespace : "", key.name());
    Incoming.checkNames(definition, asked, object);
    if (!Incoming.version(object).isEmpty()) {
      throw StatusException.badRequest(
          "resourceVersion should not be set on objects to be created");
    }
    String name = object.obj("metadata").string("name", key.name());
    String generateName = object.obj("metadata").string("generateName");
    if (!name.isEmpty() || generateName.isEmpty()) {
      return createNamed(
              definition, new ObjectKey(asked.namespace(), name), object, NOBODY, options, gate)
          .orElseThrow(() -> StatusException.alreadyExists(definition.resource(), name));
    }
    String last = "";
    for (int attempt = 0; attempt < MAX_NAME_ATTEMPTS; attempt++) {
      last = GeneratedNames.from(generateName);
      Optional<Obj> made =
          createNamed(
              definition, new ObjectKey(asked.namespace(), last), object, NOBODY, options, gate);
      if (made.isPresent()) {
        return made.get();
      }
    }
    throw StatusException.alreadyExists(definition.resource(), last);
  }

  /** Empty when there is an object of the name. */
  Optional<Obj> createNamed(
      ResourceDefinition definition,
      ObjectKey key,
      Obj object,
      ManagedFields owners,
      WriteOptions options,
      Gate gate) {
    Obj stamped =
        ObjectMetadata.created(
            definition, object, key, UUID.randomUUID().toString(), clock.instant());
    Obj sent = definition.strategy().defaults(stamped);
    ManagedFields managed =
        owners.entries().isEmpty() ? this.owners.ofNew(definition, sent, options) : owners;
    Obj ready = Preparation.ofNew(definition, key, sent, managed, options, gate);
    if (cache.get(definition.resource(), key).isPresent()) {
      return Optional.empty();
    }
    return reservations.holding(
        definition,
        () ->
            reservations.write(
                definition,
                ready,
                Obj.EMPTY,
                options,
                claimed -> commits.create(definition, claimed)));
  }

  Obj update(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      Obj body,
      WriteOptions options,
      Gate gate) {
    Incoming.checkReplacement(definition, key, body);
    if (subresource.isEmpty()
        && definition.strategy().createsOnUpdate()
        && cache.get(definition.resource(), key).isEmpty()) {
      Obj created = create(definition, key, body, options, gate);
      Creations.tell();
      return created;
    }
    if (Incoming.version(body).isEmpty() && !definition.strategy().allowsUnconditionalUpdate()) {
      Causes causes = new Causes();
      causes.invalid("metadata.resourceVersion", 0L, "must be specified for an update");
      Preparation.refuse(definition, key, causes);
    }
    return modify(definition, key, subresource, (_, _) -> Edited.of(body), options, gate);
  }

  /**
   * Makes the change from the object's view in this subresource and writes it, again and again
   * while others are quicker.
   */
  Obj modify(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      Edit edit,
      WriteOptions options,
      Gate gate) {
    Behaviour.Part part = part(definition, subresource);
    GroupVersionKind type =
        definition
            .subresource(subresource)
            .map(Subresource::kind)
            .orElse(definition.groupVersionKind());
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Obj> written =
          reservations.holding(
              definition,
              () -> {
                Obj existing = existing(definition, key);
                Edited edited = edit.changed(part.view().apply(existing), existing);
                Obj wanted = incoming.accepted(type, edited.object(), options);
                Incoming.checkNames(definition, key, wanted);
                requireSame(definition, key, wanted, existing);
                Obj merged = part.merge().apply(wanted, existing);
                Obj prepared =
                    Preparation.ofUpdate(
                        definition, key, subresource, merged, existing, options, gate);
                Obj updated =
                    edited
                        .owners()
                        .orElseGet(
                            () ->
                                owners.afterUpdate(
                                    definition, subresource, wanted, prepared, existing, options))
                        .into(prepared);
                return replace(definition, updated, existing, options);
              });
      if (written.isPresent()) {
        return part.view().apply(written.get());
      }
    }
    throw StatusException.modified(definition.resource(), key.name());
  }

  /** Does an action to the object, such as binding a pod to its node. */
  Obj act(
      ResourceDefinition definition,
      ObjectKey key,
      String subresource,
      UnaryOperator<Obj> change,
      WriteOptions options,
      Gate gate) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Obj existing = existing(definition, key);
      Obj changed = change.apply(existing);
      Obj updated =
          gate.admit(
              new Change(
                  Change.Verb.UPDATE,
                  definition,
                  key,
                  subresource,
                  changed,
                  existing,
                  options.dryRun()));
      Optional<Obj> written =
          reservations.holding(definition, () -> replace(definition, updated, existing, options));
      if (written.isPresent()) {
        return written.get();
      }
    }
    throw StatusException.modified(definition.resource(), key.name());
  }

  private static Behaviour.Part part(ResourceDefinition definition, String subresource) {
    if (subresource.isEmpty()) {
      return new Behaviour.Part(UnaryOperator.identity(), (wanted, _) -> wanted);
    }
    if (definition.subresource(subresource).map(Subresource::behaviour).orElse(null)
        instanceof Behaviour.Part part) {
      return part;
    }
    throw StatusException.of(
        Reason.METHOD_NOT_ALLOWED,
        "the server does not allow this method on the requested resource");
  }

  private Obj existing(ResourceDefinition definition, ObjectKey key) {
    return cache
        .get(definition.resource(), key)
        .orElseThrow(() -> StatusException.notFound(definition.resource(), key.name()));
  }

  /** Refuses a change that was made from another version or another object of the name. */
  private static void requireSame(
      ResourceDefinition definition, ObjectKey key, Obj wanted, Obj existing) {
    Obj asked = wanted.obj("metadata");
    Obj held = existing.obj("metadata");
    String version = Incoming.version(wanted);
    if (!version.isEmpty() && !version.equals(held.string("resourceVersion"))) {
      throw StatusException.modified(definition.resource(), key.name());
    }
    String uid = asked.string("uid");
    if (!uid.isEmpty() && !uid.equals(held.string("uid"))) {
      throw StatusException.conflict(
          definition.resource(),
          key.name(),
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + held.string("uid"));
    }
  }

  /** Writes a changed object, or removes it when the change let go of what kept it. */
  private Optional<Obj> replace(
      ResourceDefinition definition, Obj updated, Obj existing, WriteOptions options) {
    if (Deletion.isOver(definition.strategy(), updated)) {
      return options.dryRun() ? Optional.of(updated) : remove(definition, existing);
    }
    if (updated.equals(existing)) {
      return Optional.of(existing);
    }
    return reservations.write(
        definition,
        updated,
        existing,
        options,
        claimed -> commits.replace(definition, claimed, existing));
  }

  private Optional<Obj> remove(ResourceDefinition definition, Obj existing) {
    Optional<Obj> removed = commits.remove(definition, existing);
    removed.ifPresent(object -> reservations.release(definition, object));
    return removed;
  }

  Obj delete(ResourceDefinition definition, ObjectKey key, DeleteOptions options, Gate gate) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Obj> done =
          reservations.holding(definition, () -> deleteOnce(definition, key, options, gate));
      if (done.isPresent()) {
        return done.get();
      }
    }
    throw StatusException.modified(definition.resource(), key.name());
  }

  private Optional<Obj> deleteOnce(
      ResourceDefinition definition, ObjectKey key, DeleteOptions options, Gate gate) {
    Obj existing = existing(definition, key);
    Preconditions.require(definition, options, existing);
    gate.admit(
        new Change(Change.Verb.DELETE, definition, key, "", Obj.EMPTY, existing, options.dryRun()));
    Deletion plan = Deletion.plan(definition.strategy(), existing, options, clock.instant());
    return switch (plan) {
      case Deletion.Removal _ ->
          options.dryRun() ? Optional.of(existing) : remove(definition, existing);
      case Deletion.Lingering lingering ->
          options.dryRun() || lingering.object().equals(existing)
              ? Optional.of(lingering.object())
              : commits.replace(definition, lingering.object(), existing);
    };
  }
}
