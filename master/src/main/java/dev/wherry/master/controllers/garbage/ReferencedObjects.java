package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Objects of all kinds, read and written by reference: one that is gone, or is another by now, is
 * left alone. Thread-safe.
 */
final class ReferencedObjects {
  private final ObjectAccess access;
  private final ServedResources resources;

  ReferencedObjects(ObjectAccess access, ServedResources resources) {
    this.access = access;
    this.resources = resources;
  }

  /** The owner of an object in this namespace; empty when nothing of its kind is served. */
  Optional<ObjectRef> refOf(OwnerReference owner, String namespace) {
    return resources
        .find(owner)
        .map(
            each ->
                new ObjectRef(
                    each,
                    new ObjectKey(each.namespaced() ? namespace : "", owner.name()),
                    owner.uid()));
  }

  /** The object of this uid, as it is now. */
  Optional<Obj> find(ObjectRef ref) {
    try {
      Obj object = access.get(ref.resource().resource(), ref.key());
      return Meta.of(object).uid().equals(ref.uid()) ? Optional.of(object) : Optional.empty();
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether it is there, but in another namespace. */
  boolean isElsewhere(ObjectRef ref) {
    ListOptions named = ListOptions.ALL.withFields("metadata.name=" + ref.key().name());
    return ref.resource().namespaced()
        && access.list(ref.resource().resource(), "", named).items().stream()
            .anyMatch(each -> Meta.of(each).uid().equals(ref.uid()));
  }

  void removeFinalizer(ObjectRef ref, Obj object, String finalizer) {
    List<String> left = new ArrayList<>(Meta.of(object).finalizers());
    left.remove(finalizer);
    update(
        ref,
        object.change(
            "metadata",
            metadata ->
                left.isEmpty()
                    ? metadata.without("finalizers")
                    : metadata.with("finalizers", left)));
  }

  /** Removes the references to these owners. */
  void detach(ObjectRef ref, List<String> ownerUids) {
    Optional<Obj> object = find(ref);
    if (object.isEmpty()) {
      return;
    }
    List<Obj> left = new ArrayList<>(object.get().obj("metadata").objs("ownerReferences"));
    left.removeIf(each -> ownerUids.contains(each.string("uid")));
    update(
        ref,
        object
            .get()
            .change(
                "metadata",
                metadata ->
                    left.isEmpty()
                        ? metadata.without("ownerReferences")
                        : metadata.with("ownerReferences", left)));
  }

  private void update(ObjectRef ref, Obj object) {
    try {
      access.update(ref.resource().resource(), object);
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  void delete(ObjectRef ref, DeleteOptions.Propagation propagation) {
    try {
      access.delete(
          ref.resource().resource(),
          ref.key(),
          new DeleteOptions(OptionalLong.empty(), Optional.of(propagation), ref.uid(), "", false));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e; // a conflict says that the name is another object's by now
      }
    }
  }
}
