package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes that now and then do not arrive, whose answer does not arrive, or that arrive twice, as
 * {@link Faults} says. Reads and watches go through. Thread-safe.
 */
record FaultyAccess(ObjectAccess to, Faults faults) implements ObjectAccess {

  private <T> T faulty(Supplier<T> write) {
    try {
      return drawn(write);
    } catch (StatusException e) {
      if (e.reason() == Reason.INVALID) {
        faults.invalid(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private <T> T drawn(Supplier<T> write) {
    switch (faults.next()) {
      case LOST -> throw lost();
      case ANSWER_LOST -> {
        var _ = write.get();
        throw lost();
      }
      case TWICE -> {
        T first = write.get();
        try {
          var _ = write.get();
        } catch (StatusException e) {
          faults.refusedTwice();
        }
        return first;
      }
      case NONE -> {
        return write.get();
      }
    }
    throw new IllegalStateException("no such fault");
  }

  private static StatusException lost() {
    return StatusException.of(Reason.SERVICE_UNAVAILABLE, "lost by the simulation");
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    return to.get(resource, key, subresource);
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    return to.list(resource, namespace, options);
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    return faulty(() -> to.create(resource, key, subresource, object, options));
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    return faulty(() -> to.update(resource, key, subresource, object, options));
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    return faulty(() -> to.patch(resource, key, subresource, patch, options));
  }

  @Override
  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    return faulty(() -> to.delete(resource, key, options));
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    return faulty(() -> to.deleteCollection(resource, namespace, selection, options));
  }

  @Override
  public ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    return to.watch(resource, namespace, options, listener);
  }
}
